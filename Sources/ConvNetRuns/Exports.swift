// Who imports this module has all of ConvNet with it.
@_exported import ConvNet
