@_exported import ConvNetTesting
