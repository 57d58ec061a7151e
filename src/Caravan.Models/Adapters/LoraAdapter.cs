using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// y = x·Wᵀ + s · (x·Aᵀ ⊙ g)·Bᵀ (Hu et al. 2021, "LoRA", eq. 3); s is α/r, or α/√r where ranks are stabilised (Kalajdzievski 2023, rsLoRA).
/// The gate g is 1 in LoRA; where it is learnt, directions can be closed: Λ of AdaLoRA's P·Λ·Q (Zhang et al. 2023, eq. 3), and g of SoRA
/// (Ding et al. 2023, eq. 5).
/// </summary>
/// <param name="a">[r, K] F32.</param>
/// <param name="b">[O, r] F32.</param>
/// <param name="scaling">s.</param>
/// <param name="gate">[r] or [r, 1] F32; null for 1.</param>
/// <param name="names">What files call the tensors.</param>
internal class LoraAdapter(Tensor a, Tensor b, float scaling, Tensor? gate, LoraNames names) : LinearAdapter
{
    /// <summary>LoRA itself.</summary>
    public LoraAdapter(Tensor a, Tensor b, float scaling)
        : this(a, b, scaling, null, LoraNames.Lora)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<AdapterTensor> Tensors { get; } =
    [
        new(names.Down, a, AdapterRole.Down),
        new(names.Up, b, AdapterRole.Up),
        .. gate is null ? (AdapterTensor[])[] : [new(names.Gate!, gate, AdapterRole.Directions)],
    ];

    /// <summary>A: [r, K].</summary>
    public Tensor Down => a;

    /// <summary>B: [O, r].</summary>
    public Tensor Up => b;

    /// <summary>g: [r] or [r, 1]; null for 1.</summary>
    public Tensor? Gate => gate;

    /// <inheritdoc/>
    public override float Scaling => scaling;

    /// <summary>The part of the inputs that is left out at random while training, the rest being scaled up; 0 for none.</summary>
    public float DropoutRate { get; init; }

    /// <summary>r.</summary>
    public int Rank => checked((int)a.Shape[0]);

    /// <summary>Number of open directions: those whose gate is not 0.</summary>
    public int OpenDirections
    {
        get
        {
            if (gate is null) return Rank;
            int open = 0;
            foreach (float value in gate.Floats.AsSpan()) open += value != 0 ? 1 : 0;
            return open;
        }
    }

    /// <inheritdoc/>
    public override Tensor Forward(Pass pass, Tensor x, Tensor product, LinearWeights layer)
    {
        // For few rows, as without a tape, turning B would cost more than it saves.
        Tensor sum = pass.Tape is null ? Add.Forward(pass, product, Update(pass, x)) : AddLowRank.Forward(pass, product, Inner(pass, x), Transpose.Forward(pass, b));
        return WithBias(pass, sum, layer);
    }

    /// <inheritdoc/>
    public override void RequireFits(LinearWeights layer, string name, string adapter) => RequireFits(layer, name, adapter, layer.Weight.Shape.Columns);

    /// <inheritdoc/>
    public override void Merge(Tensor weight, Tensor? bias) => LowRank.AddTo(weight, a, b, scaling, gate);

    /// <summary>A as the layer's inputs meet it, [r, K].</summary>
    protected virtual Tensor DownOf(Pass pass) => a;

    /// <summary>What is added: s · (x·Aᵀ ⊙ g)·Bᵀ.</summary>
    protected Tensor Update(Pass pass, Tensor x) => Linear.Forward(pass, Inner(pass, x), b);

    private Tensor Inner(Pass pass, Tensor x)
    {
        Tensor kept = pass.Tape is null ? x : Dropout.Forward(pass, x, DropoutRate, Stream);
        Tensor inner = Scale.Forward(pass, Linear.Forward(pass, kept, DownOf(pass)), scaling);
        return gate is null ? inner : ColumnScale.Forward(pass, inner, gate);
    }
}
