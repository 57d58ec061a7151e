using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// Rows that a bidirectional LSTM (Hochreiter and Schmidhuber 1997; Gers et al. 2000) and two linear layers with a ReLU between them make of rows that
/// are learnt (Liu et al. 2021, "GPT Understands, Too", eq. 2–3).
/// </summary>
internal sealed class RecurrentRows : PromptEncoder
{
    private readonly Tensor embedding;
    private readonly (Direction Forward, Direction Backward)[] layers;
    private readonly LinearWeights inner, outer;
    private readonly int hidden;

    /// <summary>One whose weights begin at random.</summary>
    /// <param name="count">P.</param>
    /// <param name="width">Features of a row.</param>
    /// <param name="hidden">Features of an LSTM in each direction.</param>
    /// <param name="depth">Layers of the LSTM.</param>
    /// <param name="seed">Of the first values.</param>
    public RecurrentRows(int count, long width, int hidden, int depth, ulong seed)
    {
        this.hidden = hidden;
        embedding = Rows(count, width, seed);
        layers = new (Direction, Direction)[depth];
        for (int i = 0; i < depth; i++)
        {
            long inputs = i == 0 ? width : 2L * hidden;
            layers[i] = (NewDirection($"l{i}", inputs, seed), NewDirection($"l{i}_reverse", inputs, seed));
        }

        inner = Linear("mlp_head.0", 2L * hidden, 2L * hidden, seed);
        outer = Linear("mlp_head.2", width, 2L * hidden, seed);
    }

    /// <inheritdoc/>
    public override int Count => (int)embedding.Shape[0];

    /// <inheritdoc/>
    public override long Width => outer.Weight.Shape[0];

    /// <inheritdoc/>
    public override Tensor Forward(Pass pass)
    {
        Tensor x = embedding;
        foreach ((Direction forward, Direction backward) in layers)
            x = Interleave.Forward(pass, Run(pass, x, forward, isReversed: false), Run(pass, x, backward, isReversed: true), hidden);
        x = Activation.Forward(pass, ActivationFunction.Relu, Tensors.Ops.Linear.Forward(pass, x, inner.Weight, inner.Bias));
        return Tensors.Ops.Linear.Forward(pass, x, outer.Weight, outer.Bias);
    }

    private Direction NewDirection(string name, long inputs, ulong seed)
    {
        double bound = 1 / Math.Sqrt(hidden);
        LinearWeights Part(string part, long columns) => new(
            Uniform($"lstm_head.weight_{part}_{name}", new Shape(4L * hidden, columns), bound, seed), Uniform($"lstm_head.bias_{part}_{name}", new Shape(4L * hidden), bound, seed));
        return new Direction(Part("ih", inputs), Part("hh", hidden));
    }

    /// <summary>c = σ(f)·c + σ(i)·tanh(g), h = σ(o)·tanh(c), from the first row to the last or from the last to the first.</summary>
    /// <returns>[P, hidden] the h of each row.</returns>
    private Tensor Run(Pass pass, Tensor x, Direction direction, bool isReversed)
    {
        Tensor ofInputs = Tensors.Ops.Linear.Forward(pass, x, direction.Input.Weight, direction.Input.Bias), all = pass.Workspace.RentZeroed(new Shape(Count, hidden));
        Tensor h = pass.Workspace.RentZeroed(new Shape(1, hidden)), c = pass.Workspace.RentZeroed(new Shape(1, hidden));
        for (int step = 0; step < Count; step++)
        {
            NativeSpan<int> row = pass.Workspace.Take<int>(1);
            row[0] = isReversed ? Count - 1 - step : step;
            Tensor gates = Add.Forward(pass, Embedding.Forward(pass, ofInputs, row.AsSpan()), Tensors.Ops.Linear.Forward(pass, h, direction.State.Weight, direction.State.Bias));
            Tensor entering = Multiply.Forward(pass, Gate(pass, gates, 0, ActivationFunction.Sigmoid), Gate(pass, gates, 2, ActivationFunction.Tanh));
            c = Add.Forward(pass, Multiply.Forward(pass, Gate(pass, gates, 1, ActivationFunction.Sigmoid), c), entering);
            h = Multiply.Forward(pass, Gate(pass, gates, 3, ActivationFunction.Sigmoid), Activation.Forward(pass, ActivationFunction.Tanh, c));
            all = PlaceRows.Forward(pass, all, h, row);
        }

        return all;
    }

    private Tensor Gate(Pass pass, Tensor gates, int number, ActivationFunction function) =>
        Activation.Forward(pass, function, Columns.Forward(pass, gates, (long)number * hidden, hidden, 4L * hidden));

    /// <summary>What an LSTM learns for one direction, gates in the order input, forget, cell, output.</summary>
    private readonly record struct Direction(LinearWeights Input, LinearWeights State);
}
