// main.swift: one call, so that nothing here is bound to the main actor (transport reference, section 5).

PatchbayProgram.main()
