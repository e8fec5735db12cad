import ConvNet

/// The engines of this build, as messages list them.
package let engines = Engines.names.map { "'\($0)'" }.joined(separator: " and ")
