using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Adds to each token's embedding the vector of its position.</summary>
internal sealed class PositionBlock
{
    private readonly PositionSpec spec;
    private readonly Tensor? table;
    private readonly float[] frequencies;

    public PositionBlock(PositionSpec spec, string name, int hiddenSize, WeightReader weights)
    {
        this.spec = spec;
        frequencies = spec.SinusoidSteps == 0 ? [] : [.. Enumerable.Range(0, hiddenSize / 2).Select(i => (float)Math.Pow(10_000, -(double)i / spec.SinusoidSteps))];
        if (spec.SinusoidSteps == 0) table = weights.Matrix($"{name}.weight", spec.Rows, hiddenSize);
    }

    /// <summary>x with the vectors of its positions added.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <param name="positions">N places in sequences, from 0.</param>
    /// <returns>[N, D] F32.</returns>
    public Tensor Forward(Pass pass, Tensor x, ReadOnlySpan<int> positions)
    {
        NativeSpan<int> rows = pass.Workspace.Take<int>(positions.Length);
        for (int i = 0; i < positions.Length; i++) rows[i] = positions[i] + spec.Offset;
        return Add.Forward(pass, x, table is null ? Sinusoids(pass, x.Shape, rows) : Embedding.Forward(pass, table, rows.AsSpan()));
    }

    private Tensor Sinusoids(Pass pass, Shape shape, NativeSpan<int> rows)
    {
        Tensor result = pass.Workspace.RentZeroed(shape);
        for (long row = 0; row < shape.Rows; row++)
        {
            Span<float> features = result.Floats.AsSpan(row * shape.Columns, (int)shape.Columns);
            for (int i = 0; i < frequencies.Length; i++)
                (features[i], features[frequencies.Length + i]) = MathF.SinCos(rows[row] * frequencies[i]);
        }

        return result;
    }
}
