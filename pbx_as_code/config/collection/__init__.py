"""The work of the Ansible collection on a whole PBX: the module threecx_config, and results as options."""
