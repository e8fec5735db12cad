// One import for users: the rooms of the house, and what stands in this one.
@_exported import ConvNetEngine
@_exported import ConvNetGraph
@_exported import ConvNetPages
@_exported import ConvNetTraining
@_exported import ConvNetVision
@_exported import ConvNetZoo
@_exported import OneDNNEngine
