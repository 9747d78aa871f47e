"""Small arrays in every form that arrays reads: python make_arrays.py   (numpy, safetensors, pandas, pyarrow).
Each holds x[t,u] = t - u / 8 of 5 rows and 3 columns, which float16 holds exactly."""
import os
import numpy as np, pandas as pd
from safetensors.numpy import save_file

here = os.path.dirname(os.path.abspath(__file__))
p = lambda n: os.path.join(here, n)
x = (np.arange(5)[:, None] - np.arange(3)[None] / 8).astype("<f4")
np.save(p("f4.npy"), x)
np.save(p("f8.npy"), x.astype("<f8"))
np.save(p("f2.npy"), x.astype("<f2"))
np.save(p("fortran.npy"), np.asfortranarray(x))
np.save(p("batch.npy"), x[None])
np.save(p("ints.npy"), (x * 8).astype("<i8"))
np.save(p("big.npy"), x.astype(">f4"))
np.save(p("words.npy"), np.array(["a", "b"]))
np.save(p("cube.npy"), np.zeros((2, 3, 4), "f4"))
np.savez(p("plain.npz"), **{"l0.h": x, "l0.c": 2 * x})
np.savez_compressed(p("packed.npz"), **{"l0.h": x, "l0.c": 2 * x})
save_file({"l0.h": x, "l0.c": (2 * x).astype("<f2")}, p("x.safetensors"))
pd.DataFrame({"l0.h[%d]" % u: x[:, u] for u in range(3)}).assign(symbol=list("abcde")).to_parquet(p("units.parquet"))
pd.DataFrame({"resid": [list(map(float, r)) for r in x]}).to_parquet(p("lists.parquet"))
pd.DataFrame({"a": x[:, 0], "b": x[:, 1].astype("f8"), "c": x[:, 2]}).to_parquet(p("columns.parquet"), compression="gzip")
