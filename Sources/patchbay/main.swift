// main.swift: the command line of Patchbay.
print("patchbay")
