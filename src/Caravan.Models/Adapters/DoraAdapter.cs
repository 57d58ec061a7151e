using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// y = m ⊙ (x·Wᵀ + s · x·Aᵀ·Bᵀ) / ‖W + s·B·A‖, lengths of rows (Liu et al. 2024, "DoRA", eq. 5; the length counts as a constant on the way back,
/// eq. 11). It is found without the sum, over weights of any type: ‖W‖² + 2s · B·(A·Wᵀ) + s² · B·A·Aᵀ·Bᵀ.
/// </summary>
/// <param name="a">[r, K] F32.</param>
/// <param name="b">[O, r] F32.</param>
/// <param name="magnitude">m: [O] F32.</param>
/// <param name="scaling">s.</param>
internal sealed class DoraAdapter(Tensor a, Tensor b, Tensor magnitude, float scaling) : LoraAdapter(a, b, scaling)
{
    /// <summary>What PEFT calls m.</summary>
    public const string MagnitudeName = "lora_magnitude_vector";

    private Tensor? squares, reciprocals;

    /// <inheritdoc/>
    public override IReadOnlyList<AdapterTensor> Tensors => field ??= [.. base.Tensors, new(MagnitudeName, magnitude, AdapterRole.Outputs)];

    /// <inheritdoc/>
    public override Tensor Forward(Pass pass, Tensor x, Tensor product, LinearWeights layer)
    {
        Tensor gains = Multiply.Forward(pass, magnitude, Reciprocals(pass, layer.Weight));
        return WithBias(pass, ColumnScale.Forward(pass, Add.Forward(pass, product, Update(pass, x)), gains), layer);
    }

    /// <inheritdoc/>
    public override void RequireFits(LinearWeights layer, string name, string adapter)
    {
        base.RequireFits(layer, name, adapter);
        if (layer.Weight.Interleaved)
            throw new CaravanException($"The adapter '{adapter}' needs the lengths of the rows of '{name}', which were repacked; load the model without repacking.");
    }

    /// <inheritdoc/>
    public override void Merge(Tensor weight, Tensor? bias)
    {
        base.Merge(weight, bias);
        int columns = checked((int)weight.Shape.Columns);
        for (long output = 0; output < weight.Shape[0]; output++)
        {
            Span<float> row = weight.Floats.AsSpan(output * columns, columns);
            double gain = magnitude.Floats[output] / Math.Sqrt(SumOfSquares(row));
            foreach (ref float element in row) element = (float)(element * gain);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        squares?.Dispose();
        reciprocals?.Dispose();
        base.Dispose();
    }

    /// <summary>The lengths of a weight's rows: what m is before anything is learnt.</summary>
    /// <param name="weight">[O, K] of any real type.</param>
    /// <param name="lengths">[O] F32.</param>
    public static void Lengths(Tensor weight, Tensor lengths)
    {
        using Tensor found = Squares(weight);
        for (long i = 0; i < found.Shape.Elements; i++) lengths.Floats[i] = MathF.Sqrt(found.Floats[i]);
    }

    /// <summary>1/‖W + s·B·A‖, [O]. While something is learnt it is computed anew each time, else once.</summary>
    private Tensor Reciprocals(Pass pass, Tensor weight)
    {
        bool learns = Down.RequiresGradient || Up.RequiresGradient;
        if (reciprocals is not null && !learns) return reciprocals;
        long outputs = weight.Shape[0], rank = Rank, columns = weight.Shape.Columns;
        squares ??= Squares(weight);
        // Where the pass is walked back, the numbers of this step must stay until then.
        Tensor result = learns ? pass.Workspace.Rent(magnitude.Shape) : reciprocals = Tensor.Allocate(magnitude.Shape);
        Tensor crossed = pass.Workspace.Rent(new Shape(rank, outputs));
        pass.Kernels.MatMul(Down.Floats, weight.DType, weight.Bytes, columns, crossed.Floats);
        double[] products = Gram(Down);
        for (long output = 0; output < outputs; output++)
        {
            double sum = squares.Floats[output];
            for (long i = 0; i < rank; i++)
            {
                double factor = (double)Scaling * Up.Floats[(output * rank) + i];
                sum += 2 * factor * crossed.Floats[(i * outputs) + output];
                for (long j = 0; j < rank; j++) sum += factor * Scaling * Up.Floats[(output * rank) + j] * products[(i * rank) + j];
            }

            result.Floats[output] = (float)(1 / Math.Sqrt(sum));
        }

        return result;
    }

    /// <summary>‖row‖² of a weight of any real type, [O] F32.</summary>
    private static Tensor Squares(Tensor weight)
    {
        int columns = checked((int)weight.Shape.Columns);
        Tensor result = Tensor.Allocate(new Shape(weight.Shape[0]));
        using NativeBuffer row = new(DType.F32.Bytes(columns), clear: false);
        long rowBytes = weight.DType.Bytes(columns);
        for (long output = 0; output < weight.Shape[0]; output++)
        {
            QuantFormats.Of(weight.DType).Decode(weight.Bytes.Slice(output * rowBytes, rowBytes), row.Bytes.Cast<float>());
            result.Floats[output] = (float)SumOfSquares(row.Bytes.Cast<float>().AsSpan());
        }

        return result;
    }

    /// <summary>A·Aᵀ, [r, r].</summary>
    private static double[] Gram(Tensor a)
    {
        int rank = checked((int)a.Shape[0]), columns = checked((int)a.Shape.Columns);
        double[] products = new double[rank * rank];
        for (int i = 0; i < rank; i++)
            for (int j = 0; j <= i; j++)
                products[(i * rank) + j] = products[(j * rank) + i] = Dot(a.Floats.AsSpan((long)i * columns, columns), a.Floats.AsSpan((long)j * columns, columns));
        return products;
    }

    private static double SumOfSquares(ReadOnlySpan<float> row) => Dot(row, row);

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }
}
