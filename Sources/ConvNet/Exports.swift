// One import for users: the rooms of the house, and what stands in this one.
@_exported import ConvNetCore
@_exported import ConvNetVision
@_exported import ConvNetZoo
@_exported import OneDNNEngine
