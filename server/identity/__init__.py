"""Who may: users, groups and clients, what their roles allow, and the tokens they carry."""
