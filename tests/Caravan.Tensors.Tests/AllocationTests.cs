using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>A warmed-up pass, forward or training, allocates nothing on the managed heap.</summary>
public sealed class AllocationTests : IDisposable
{
    private const int Rows = 6, Width = 32, Vocabulary = 50;

    private static readonly int[] Tokens = [1, 5, 5, 0, 49, 7];
    private static readonly int[] Labels = [5, 5, 0, CrossEntropy.Ignored, 7, 2];

    private readonly List<Tensor> weights = [];
    private readonly Device device = new(threads: 2);
    private readonly Tensor table, norm, gain, bias, query, key, frozen, gate, down, cosines, sines, router;
    private readonly Tensor[] experts;
    private readonly NativeBuffer segments = Segments();

    public AllocationTests()
    {
        table = Weight(Vocabulary, Width);
        norm = Weight(Width);
        gain = Weight(Width);
        bias = Weight(Width);
        query = Weight(Width, Width);
        key = Weight(Width / 2, Width);
        gate = Weight(2 * Width, Width);
        down = Weight(Width, 2 * Width);
        router = Weight(3, Width);
        experts = [Weight(Width, Width), Weight(Width, Width), Weight(Width, Width)];
        cosines = Weight(Rows, 4);
        sines = Weight(Rows, 4);
        OpInput encoded = OpInput.Encoded(new Random(99), DType.Q8_0, Width / 2, Width);
        frozen = Tensor.Allocate(encoded.Shape, DType.Q8_0);
        encoded.Bytes.CopyTo(frozen.Bytes.AsSpan());
        weights.Add(frozen);
    }

    [Fact]
    public void Forward_pass()
    {
        using Pass pass = new(device);
        AssertNothingAllocated(() =>
        {
            Loss(pass);
            pass.Reset();
        });
    }

    [Fact]
    public void Training_step()
    {
        foreach (Tensor weight in weights.Where(weight => weight.DType == DType.F32 && weight != cosines && weight != sines)) weight.RequiresGradient = true;
        using Tensor kept = Tensor.Allocate(query.Shape);
        query.Gradient = kept;
        using Pass pass = new(device, new Tape());
        AssertNothingAllocated(() =>
        {
            pass.Tape!.Backward(pass, Loss(pass));
            pass.Reset();
        });
        Assert.Contains(kept.Floats.AsSpan().ToArray(), value => value != 0);
    }

    public void Dispose()
    {
        foreach (Tensor weight in weights) weight.Dispose();
        segments.Dispose();
        device.Dispose();
    }

    private static void AssertNothingAllocated(Action step)
    {
        for (int i = 0; i < 3; i++) step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++) step();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>Every operator once.</summary>
    private Tensor Loss(Pass pass)
    {
        AttentionShape shape = new(4, 2, Width / 4, 0.35f, Window: 4);
        RotaryAngles angles = new(cosines, sines);
        Tensor x = Embedding.Forward(pass, table, Tokens);
        Tensor normed = RmsNorm.Forward(pass, x, norm, 1e-5f);
        Tensor q = Rope.Forward(pass, Linear.Forward(pass, normed, query, bias), angles, shape.HeadSize, RotaryLayout.HalfSplit);
        Tensor k = Rope.Forward(pass, Linear.Forward(pass, normed, key), angles, shape.HeadSize, RotaryLayout.Interleaved);
        Tensor v = Linear.Forward(pass, normed, frozen);
        x = Add.Forward(pass, x, Attention.Forward(pass, shape, segments.Bytes.Cast<AttentionSegment>(), q, k, v));
        Tensor hidden = Linear.Forward(pass, LayerNorm.Forward(pass, x, gain, bias, 1e-5f), gate);
        x = Add.Forward(pass, x, Linear.Forward(pass, GatedActivation.Forward(pass, ActivationFunction.Silu, hidden, hidden), down));
        Routing routing = Route.Forward(pass, Linear.Forward(pass, x, router), 2, renormalised: true);
        Tensor rows = Embedding.Forward(pass, x, routing.Rows.AsSpan());
        (Tensor first, Tensor second) = GroupedLinear.Forward(pass, rows, routing.Groups, experts, experts);
        x = Add.Forward(pass, x, WeightedSum.Forward(pass, GroupedLinear.Forward(pass, Add.Forward(pass, first, second), routing.Groups, experts), routing.Places, routing.Weights));
        x = Recomputation.Forward(pass, x, new Projected(query), x.Shape, 4);
        return CrossEntropy.Forward(pass, Softmax.Forward(pass, Linear.Forward(pass, x, table)), Labels);
    }

    private readonly record struct Projected(Tensor Weight) : IRecomputed
    {
        public Tensor Forward(Pass pass, Tensor rows, long first) => Linear.Forward(pass, rows, Weight);
    }

    private Tensor Weight(params ReadOnlySpan<long> shape)
    {
        Tensor weight = Tensor.Allocate(new Shape(shape));
        Numbers.Normal(new Random(weights.Count), weight.Shape.Elements, 0.3).CopyTo(weight.Floats.AsSpan());
        weights.Add(weight);
        return weight;
    }

    private static NativeBuffer Segments()
    {
        AttentionSegment[] segments = AttentionCases.Segments([4, 2]);
        NativeBuffer buffer = new(segments.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<AttentionSegment>());
        segments.CopyTo(buffer.Bytes.Cast<AttentionSegment>().AsSpan());
        return buffer;
    }
}
