"""Pictures of a call graph: the command `threecx map`.

as_page(graph, all_pictures(graph), "ACME", datetime.now(UTC))
"""

from pbx_as_code.callflow.map.dot import as_dot
from pbx_as_code.callflow.map.layout import LayoutError, as_svg
from pbx_as_code.callflow.map.mermaid import as_mermaid
from pbx_as_code.callflow.map.page import as_file, as_page
from pbx_as_code.callflow.map.pictures import Picture, all_pictures, of_number

__all__ = [
    "LayoutError",
    "Picture",
    "all_pictures",
    "as_dot",
    "as_file",
    "as_mermaid",
    "as_page",
    "as_svg",
    "of_number",
]
