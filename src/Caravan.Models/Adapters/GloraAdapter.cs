using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// y = x·(W + W⊙a + s·B)ᵀ + W·c + b₀ + b₀⊙d + e (Chavan et al. 2023, "GLoRA", eq. 10), of whose many forms this one: a scales each output, B is of low
/// rank, c is a prompt of the layer, d and e scale and shift its bias. What shifts outputs (c, d, e) is learnt only where the layer has a bias that takes
/// it up, so that everything merges.
/// </summary>
/// <param name="a">a: [O] F32.</param>
/// <param name="down">[r, K] F32, of B.</param>
/// <param name="up">[O, r] F32, of B.</param>
/// <param name="scaling">s.</param>
/// <param name="shift">c, d and e; null for a layer without a bias.</param>
internal sealed class GloraAdapter(Tensor a, Tensor down, Tensor up, float scaling, GloraShift? shift) : LinearAdapter
{
    /// <inheritdoc/>
    public override IReadOnlyList<AdapterTensor> Tensors { get; } =
    [
        new("glora_A", a, AdapterRole.Outputs),
        new("glora_B_down", down, AdapterRole.Down),
        new("glora_B_up", up, AdapterRole.Up),
        .. shift is null ? (AdapterTensor[])[] : [new("glora_C", shift.C, AdapterRole.Inputs), new("glora_D", shift.D, AdapterRole.Outputs), new("glora_E", shift.E, AdapterRole.Outputs)],
    ];

    /// <inheritdoc/>
    public override float Scaling => scaling;

    /// <summary>r.</summary>
    public int Rank => checked((int)down.Shape[0]);

    /// <inheritdoc/>
    public override Tensor Forward(Pass pass, Tensor x, Tensor product, LinearWeights layer)
    {
        Tensor y = Add.Forward(pass, product, ColumnScale.Forward(pass, product, a));
        y = Add.Forward(pass, y, Linear.Forward(pass, Scale.Forward(pass, Linear.Forward(pass, x, down), scaling), up));
        if (layer.Bias is not { } bias) return y;
        y = AddBias.Forward(pass, y, bias);
        if (shift is null) return y;
        y = AddBias.Forward(pass, y, Linear.Forward(pass, shift.C, layer.Weight));
        return AddBias.Forward(pass, AddBias.Forward(pass, y, Multiply.Forward(pass, shift.D, bias)), shift.E);
    }

    /// <inheritdoc/>
    public override void RequireFits(LinearWeights layer, string name, string adapter)
    {
        RequireFits(layer, name, adapter, layer.Weight.Shape.Columns);
        if (shift is not null && layer.Bias is null) throw new CaravanException($"The adapter '{adapter}' shifts the outputs of '{name}', which has no bias; it was made for another model.");
    }

    /// <inheritdoc/>
    public override void Merge(Tensor weight, Tensor? bias)
    {
        int columns = checked((int)weight.Shape.Columns);
        for (long output = 0; output < weight.Shape[0]; output++)
        {
            Span<float> row = weight.Floats.AsSpan(output * columns, columns);
            if (shift is not null) bias!.Floats[output] = (float)(bias.Floats[output] * (1.0 + shift.D.Floats[output]) + shift.E.Floats[output] + Dot(row, shift.C.Floats.AsSpan()));
            foreach (ref float element in row) element = (float)(element * (1.0 + a.Floats[output]));
        }

        LowRank.AddTo(weight, down, up, scaling);
    }

    private static double Dot(ReadOnlySpan<float> row, ReadOnlySpan<float> c)
    {
        double sum = 0;
        for (int i = 0; i < row.Length; i++) sum += (double)row[i] * c[i];
        return sum;
    }
}

/// <summary>What <see cref="GloraAdapter"/> learns of a layer with a bias.</summary>
/// <param name="C">c: [1, K] F32.</param>
/// <param name="D">d: [O] F32.</param>
/// <param name="E">e: [O] F32.</param>
internal sealed record GloraShift(Tensor C, Tensor D, Tensor E);
