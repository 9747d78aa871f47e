"""Networks of Keras against rnnscope: the loss of each on a text, live and from its files.

python keras_forms.py DIR   (keras 3 with any backend, numpy, h5py, rnnscope); prints a line a network and form."""
import os, sys
os.environ.setdefault("KERAS_BACKEND", "torch")
import keras, numpy as np
import rnnscope

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
CHARS = list("\n abcdefghijklmnopqrstuvwxyz")
LINE = "the old tree by the water fell in the night and nobody heard it\n"
L = keras.layers
V, H = len(CHARS), 12
NETWORKS = {
    "lstm": [L.LSTM(H, return_sequences=True)],
    "two lstm": [L.LSTM(H, return_sequences=True), L.LSTM(H + 3, return_sequences=True)],
    "lstm without bias": [L.LSTM(H, return_sequences=True, use_bias=False)],
    "gru": [L.GRU(H, return_sequences=True)],
    "gru without bias": [L.GRU(H, return_sequences=True, use_bias=False)],
    "gru, reset_after=False": [L.GRU(H, return_sequences=True, reset_after=False)],
    "simple": [L.SimpleRNN(H, return_sequences=True)],
}
worst = 0.0
for number, (name, layers) in enumerate(NETWORKS.items()):
    keras.utils.set_random_seed(number + 1)
    model = keras.Sequential([keras.Input((None,), dtype="int32"), L.Embedding(V, 9), *layers, L.Dense(V)])
    model.set_weights([np.random.default_rng(number + i).normal(0, .5, w.shape).astype("f4") for i, w in enumerate(model.get_weights())])
    ids = np.array([[CHARS.index(c) for c in LINE]])
    logits = np.asarray(keras.ops.convert_to_numpy(model(ids)))[0, :-1].astype("f8")
    own = float(np.mean(np.log(np.exp(logits).sum(-1)) - logits[np.arange(len(logits)), ids[0, 1:]]))
    files = [os.path.join(folder, "%d%s" % (number, end)) for end in (".keras", ".weights.h5")]
    model.save(files[0])
    model.save_weights(files[1])
    answers = {"nonlinearity": "tanh"} if name == "simple" else {}
    for form, source in (("live", model), (".keras", files[0]), (".weights.h5", files[1])):
        try:
            nats = rnnscope.from_keras(source, CHARS, check=LINE, **answers)["check"]["nats"]
            worst = max(worst, abs(nats - own))
            print("%-24s %-12s %.6f nats, Keras %.6f" % (name, form, nats, own))
        except rnnscope.RnnscopeError as e:
            print("%-24s %-12s %s" % (name, form, e))
print("largest difference %.1e nats" % worst)
sys.exit(worst > 1e-5)
