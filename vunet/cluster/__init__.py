"""Pages that render on other machines, by Ray Serve: an extra, imported where VUNET_CLUSTER or `replicas` asks for it."""
