network = dict(
    fusion="early",
    image_size=896,
    max_batch=4,
    trunk=dict(
        name="swin_base_patch4_window12_384",
        drop_path_rate=0.3,
        pretrained=False,
        options=dict(img_size=896),
    ),
    text=dict(vocab_size=30522, hidden_size=768, layers=12, heads=12, max_tokens=20),
    interaction=dict(hidden=480, grid=(28, 28), splits=(32, 64, 128, 256), heads=8, key_channels=32, value_channels=64),
    decoder=dict(widths=(512, 512, 512), rotated=(True, True, True)),
)
