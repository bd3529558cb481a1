"""The parts that molecules of the phantom are put together from: rings, what joins two of them, what hangs on them.

SMILES with open bonds instead of atoms (``%91``, ``%92`` ...): two parts that hold the same number are bound to each other.
The rings are the common ones of approved drugs (Taylor, MacCoss, Lawson 2014, J Med Chem 57:5845), the commonest first:
like there, the first few are drawn often and the last ones hardly ever.
"""

# Each ring has two places, %91 and %92.
RINGS = (
    "c1cc%91ccc1%92",  # benzene, para
    "c1%91cccc(c1)%92",  # benzene, meta
    "c1cc%91ncc1%92",  # pyridine
    "C1CN%91CCC1%92",  # piperidine
    "C1CN%91CCN1%92",  # piperazine
    "C1CC%91CCC1%92",  # cyclohexane
    "c1nc%91ncc1%92",  # pyrimidine
    "c1c%91scc1%92",  # thiophene
    "C1CC%91CN1%92",  # pyrrolidine
    "c1cn%91nc1%92",  # pyrazole
    "n1cn%91cc1%92",  # imidazole
    "c1ccc2c(c1%91)ccn2%92",  # indole
    "c1cc2ncc%91cc2cc1%92",  # quinoline
    "c1cc%91c2ccccc2c1%92",  # naphthalene
    "C1COC%91CN1%92",  # morpholine
    "c1%91coc(n1)%92",  # oxazole
    "c1c%91sc(n1)%92",  # thiazole
    "c1cc2n%91cnc2cc1%92",  # benzimidazole
    "c1c%91occ1%92",  # furan
    "C1C%91CC1%92",  # cyclobutane
    "c1c%91ccc2OCOc12",  # benzodioxole: one place only
    "O=C1N%91CCC1%92",  # pyrrolidinone
    "c1nn%91nc1%92",  # triazole
    "C1CC2CC1%91CC2%92",  # norbornane
)

# What joins two rings: %92 of the first one with %93 of the second one.
LINKERS = (
    "C%92%93",  # a carbon between them
    "C%92(=O)N%93",  # amide
    "N%92C%93=O",  # amide, the other way round
    "O%92C%93",  # ether
    "C%92C%93",  # two carbons
    "S%92(=O)(=O)N%93",  # sulfonamide
    "N%92C%93",  # amine
    "C%92(=O)C%93",  # ketone
)

# What hangs on the last free place: %9N stands for the number of that place.
SUBSTITUENTS = (
    "[H]%9N",
    "C%9N",
    "O%9NC",
    "F%9N",
    "Cl%9N",
    "C%9N(=O)O",
    "O%9N",
    "N%9N",
    "C%9N#N",
    "C%9N(F)(F)F",
    "C%9NC",
    "C%9N(=O)N",
    "N%9N(C)C",
    "C%9N(C)C",
    "C%9N(C)(C)C",
    "Br%9N",
    "C%9NO",
    "C%9N(=O)OC",
    "S%9N(=O)(=O)C",
    "N%9NC(C)=O",
    "C%9NCN",
    "C%9NCCCC",
)
# Chains without a ring, of which the phantom has some as well: a head, a middle of any length, a tail.
CHAIN_LENGTHS = (2, 3, 4, 5, 6, 8)
