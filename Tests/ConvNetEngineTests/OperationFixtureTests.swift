import ConvNetGraph
import TestSupport
import Testing

/// Every operation, in single precision, gives PyTorch's numbers.
@Suite struct OperationFixtureTests {
    private let file: SafetensorsFile

    init() throws {
        file = try Fixtures.tensors("operations")
    }

    @Test(arguments: try OperationCase.all)
    func outputIsPyTorchs(_ operation: OperationCase) throws {
        let run: ReferenceRun<Float> = try operation.makeRun(file)
        try run.interpreter.forward(auxiliary: true)
        let shape = file.tensors["\(operation).output"]?.shape
        #expect(shape == [operation.batchSize] + operation.graph.outputShape.dimensions)
        #expect(relativeError(run.output.elements, try operation.recorded("output", in: file)) < 1e-5)
    }

    @Test(arguments: try OperationCase.all)
    func gradientsArePyTorchs(_ operation: OperationCase) throws {
        let run: ReferenceRun<Float> = try operation.makeRun(file)
        try run.interpreter.forward(auxiliary: true)
        try run.interpreter.backward()
        let expected = try operation.recorded("input_gradient", in: file)
        #expect(relativeError(run.imageGradient.elements, expected) < 1e-5)
        for (gradient, parameter) in zip(run.interpreter.parameterGradients, operation.graph.parameters)
        where parameter.isTrainable {
            let expected = try operation.recorded("\(parameter.name)_gradient", in: file)
            #expect(relativeError(gradient.elements, expected) < 1e-5, "\(parameter.name)")
        }
    }

    /// What layers keep count of, such as running statistics, is as PyTorch leaves it.
    @Test(arguments: try OperationCase.all.filter { $0.graph.parameters.contains { !$0.isTrainable } })
    func statisticsArePyTorchs(_ operation: OperationCase) throws {
        let run: ReferenceRun<Float> = try operation.makeRun(file)
        try run.interpreter.forward(auxiliary: true)
        for (values, parameter) in zip(run.interpreter.parameters, operation.graph.parameters)
        where !parameter.isTrainable {
            let expected = try operation.recorded("\(parameter.name)_after", in: file)
            #expect(relativeError(values.elements, expected) < 1e-6, "\(parameter.name)")
        }
    }

    /// Gradients are added up within a pass, and must start from zero in each.
    @Test func secondPassGivesTheSameGradients() throws {
        let operation = try #require(try OperationCase.all.first { $0.name == "conv2d_dropout_flatten_dense" })
        let run: ReferenceRun<Float> = try operation.makeRun(file)
        try run.interpreter.forward(auxiliary: true)
        try run.interpreter.backward()
        let gradients = (run.interpreter.parameterGradients + [run.imageGradient]).map { Array($0.elements) }
        try run.interpreter.forward(auxiliary: true)
        try run.interpreter.backward()
        #expect((run.interpreter.parameterGradients + [run.imageGradient]).map { Array($0.elements) } == gradients)
    }
}
