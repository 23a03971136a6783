"""From a photo to what the model reads: decoding, framing and cutting out the person, body-part crops, tensors."""
