"""Arrays in files of any origin: npy, npz, safetensors and CSV, read without trust in them."""
