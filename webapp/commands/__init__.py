"""The words of the command `vejviser`, one thin function each."""
