"""IP addresses with a mask, which have several spellings: 192.0.2.7 is 192.0.2.7/32 is 192.0.2.7/255.255.255.255."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network


def network(text: str) -> IPv4Network | IPv6Network:
    """The network that is meant; of an address without a mask, the one that has only this address.

    Bits behind the mask have no meaning: 192.0.2.7/24 equals 192.0.2.0/24.

    Raises:
        ValueError: it is no address, and no network
    """
    from ipaddress import ip_network  # few tasks need it

    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError("not an IP address or network such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32.") from None


def spellings(text: str) -> tuple[str, ...]:
    """Return the spellings under which a PBX may have stored a network; the given one first.

    Parameters:
        text: an address or network; ValueError where it is none
    """
    meant = network(text)
    written = text.strip()
    address = written.partition("/")[0]
    found = [written, meant.with_prefixlen, meant.with_netmask]
    found += [f"{address}/{meant.prefixlen}", f"{address}/{meant.netmask}"]
    if meant.num_addresses == 1:
        found += [address, str(meant.network_address)]
    return tuple(dict.fromkeys(found))
