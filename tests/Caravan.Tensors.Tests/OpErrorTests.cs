using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>Batches without rows, extreme values, and inputs that do not fit: one sentence that names the operator and the shapes.</summary>
public sealed class OpErrorTests : IDisposable
{
    private readonly Device device = new(threads: 2);
    private readonly Pass pass;

    public OpErrorTests() => pass = new Pass(device, new Tape());

    [Fact]
    public void Batches_without_rows_give_results_without_rows()
    {
        Tensor x = Zeros(0, 32), weight = Zeros(32), matrix = Zeros(5, 32);
        foreach (Tensor tensor in new[] { x, weight, matrix }) tensor.RequiresGradient = true;
        RotaryAngles angles = new(Zeros(0, 4), Zeros(0, 4));
        Tensor[] results =
        [
            Embedding.Forward(pass, matrix, []), Add.Forward(pass, x, x), RmsNorm.Forward(pass, x, weight, 1e-5f), Softmax.Forward(pass, x),
            LayerNorm.Forward(pass, x, weight, weight, 1e-5f), Linear.Forward(pass, x, matrix, Zeros(5)),
            GatedActivation.Forward(pass, ActivationFunction.Silu, x, x), Rope.Forward(pass, x, angles, 8, RotaryLayout.HalfSplit),
            Attention.Forward(pass, new AttentionShape(4, 4, 8, 1), default, x, x, x), NoExperts(x, matrix),
        ];
        Assert.All(results, result => Assert.Equal(0, result.Shape.Rows));
        Tensor loss = CrossEntropy.Forward(pass, x, []);
        Assert.Equal(0, loss.Floats[0]);

        pass.Tape!.Backward(pass, loss);

        Assert.Equal(14, pass.Tape.Count);
        Assert.All(matrix.Gradient!.Floats.AsSpan().ToArray(), value => Assert.Equal(0, value));
        Assert.All(weight.Gradient!.Floats.AsSpan().ToArray(), value => Assert.Equal(0, value));
    }

    private Tensor NoExperts(Tensor x, Tensor router)
    {
        Routing routing = Route.Forward(pass, Linear.Forward(pass, x, router), 2, renormalised: false);
        Tensor[] experts = [.. Enumerable.Repeat(router, 5)];
        return WeightedSum.Forward(pass, GroupedLinear.Forward(pass, x, routing.Groups, experts), routing.Places, routing.Weights);
    }

    [Theory]
    [InlineData(nameof(ActivationFunction.Silu))]
    [InlineData(nameof(ActivationFunction.GeluTanh))]
    [InlineData(nameof(ActivationFunction.Relu))]
    public void Extreme_gates_have_finite_derivatives(string name)
    {
        ActivationFunction function = Enum.Parse<ActivationFunction>(name);
        float[] gates = [-1e30f, -1e10f, -1000, -90, -0f, 0, 1e-44f, 1e-38f, 90, 1000, 1e10f, 1e30f, 1e38f, 2, 3, 4, 5, 6, 7];
        foreach (InstructionSet set in Cpu.Supported)
        {
            using Device one = new(1, set);
            using Pass own = new(one, new Tape());
            Tensor gate = Tensor.Allocate(new Shape(1, gates.Length)), up = Tensor.Allocate(gate.Shape);
            gates.CopyTo(gate.Floats.AsSpan());
            up.Floats.AsSpan().Fill(1);
            gate.RequiresGradient = true;
            Tensor y = GatedActivation.Forward(own, function, gate, up);
            own.GradientOf(y).AsSpan().Fill(1);
            own.Tape!.Backward(own);
            for (int i = 0; i < gates.Length; i++)
            {
                float derivative = gate.Gradient!.Floats[i], value = y.Floats[i];
                if (gates[i] <= -90) Assert.True(value is <= 0 and > -1e-30f && Math.Abs(derivative) < 1e-30f, $"{set} {gates[i]}: {value}, {derivative}");
                if (gates[i] >= 90) Assert.True(value == gates[i] && derivative == 1, $"{set} {gates[i]}: {value}, {derivative}");
                if (function == ActivationFunction.Relu) Assert.Equal(gates[i] > 0 ? 1 : 0, derivative);
            }

            gate.Dispose();
            up.Dispose();
        }
    }

    [Fact]
    public void NaN_is_not_hidden()
    {
        foreach (InstructionSet set in Cpu.Supported)
        {
            using Device one = new(1, set);
            using Pass own = new(one);
            for (int at = 0; at < 19; at++)
            {
                Tensor x = own.Workspace.RentZeroed(new Shape(1, 19));
                x.Floats[at] = float.NaN;
                Assert.All(Softmax.Forward(own, x).Floats.AsSpan().ToArray(), value => Assert.Equal(float.NaN, value));
                Assert.Equal(float.NaN, CrossEntropy.Forward(own, x, [3]).Floats[0]);
                foreach (ActivationFunction function in Enum.GetValues<ActivationFunction>())
                    Assert.Equal(float.NaN, GatedActivation.Forward(own, function, x, x).Floats[at]);
            }
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        Tensor x = Zeros(2, 4), y = Zeros(2, 3), bias = Zeros(3);
        Fails("Add: [2, 4] F32 and [2, 3] F32 must have the same shape.", () => Add.Forward(pass, x, y));
        Fails("GatedActivation: the gate [2, 4] F32 and [2, 3] F32 must have the same shape.", () => GatedActivation.Forward(pass, default, x, y));
        Fails("Linear: the weight [2, 3] F32 does not take rows of [2, 4] F32.", () => Linear.Forward(pass, x, y));
        Fails("Linear: the bias [3] F32 does not fit the weight [2, 4] F32.", () => Linear.Forward(pass, x, x, bias));
        Fails("RmsNorm: the parameter [3] F32 does not fit rows of [2, 4] F32 in groups of 4.", () => RmsNorm.Forward(pass, x, bias, 1));
        Fails("LayerNorm: the parameter [3] F32 does not fit rows of [2, 4] F32 in groups of 4.", () => LayerNorm.Forward(pass, x, bias, null, 1));
        Fails("LayerNorm: the parameter [3] F32 does not fit rows of [2, 4] F32 in groups of 4.", () => LayerNorm.Forward(pass, x, null, bias, 1));
        Fails("Embedding: the table [3] F32 must have two dimensions.", () => Embedding.Forward(pass, bias, [0]));
        Fails("Embedding: row 2 is outside the table [2, 4] F32.", () => Embedding.Forward(pass, x, [0, 2]));
        Fails("Embedding: row -1 is outside the table [2, 4] F32.", () => Embedding.Forward(pass, x, [-1]));
        Fails("CrossEntropy: 3 labels do not fit [2, 4] F32.", () => CrossEntropy.Forward(pass, x, [0, 1, 2]));
        Fails("CrossEntropy: the label 4 is outside [2, 4] F32.", () => CrossEntropy.Forward(pass, x, [0, 4]));
        Fails(
            "Rope: [2, 4] F32 in heads of 2 does not fit the angles' [2, 1] F32 and [2, 2] F32.",
            () => Rope.Forward(pass, x, new RotaryAngles(Zeros(2, 1), Zeros(2, 2)), 2, default));
    }

    [Fact]
    public void Attention_refuses_what_would_read_outside_its_inputs()
    {
        Tensor x = Zeros(4, 6);
        AttentionShape shape = new(3, 3, 2, 1);
        AttentionSegment whole = new(0, 4, 4);
        Fails("Attention: 3 heads cannot share 2 key heads evenly.", () => Run(shape with { KeyValueHeads = 2 }, whole));
        Fails("Attention: [4, 6] F32 is not 2 heads of 2.", () => Run(shape with { Heads = 2, KeyValueHeads = 1 }, whole));
        Fails("Attention: segments of 3 rows in all do not cover [4, 6] F32.", () => Run(shape, whole with { QueryCount = 3 }));
        Assert.Contains("should start at row 0", Assert.Throws<CaravanException>(() => Run(shape, whole with { QueryStart = 1 })).Message);
        Assert.Contains("a key for each query", Assert.Throws<CaravanException>(() => Run(shape, whole with { KeyCount = 3 })).Message);
        Assert.Contains("needs more keys", Assert.Throws<CaravanException>(() => Run(shape, whole with { KeyStart = 1 })).Message);
        Assert.Contains("needs more keys", Assert.Throws<CaravanException>(() => Run(shape, whole with { KeyCount = int.MaxValue })).Message);

        Tensor Run(AttentionShape of, params AttentionSegment[] segments) => Attention.Forward(pass, of, FusedTests.Native(pass, segments), x, x, x);
    }

    [Fact]
    public void Paged_attention_refuses_what_would_read_outside_the_pool()
    {
        using Pass inference = new(device);
        using NativeBuffer pool = new(3 * 2 * 16 * 6 * sizeof(float));
        LayerPages pages = new(DType.F32, pool.Bytes, pool.Bytes.Slice(16 * 6 * sizeof(float)), 2 * 16 * 6 * sizeof(float));
        Tensor x = Zeros(4, 6);

        Assert.Equal(4, Run([2, 0], 20).Shape.Rows);
        Fails("Attention: page 3 is outside a pool of 3 pages.", () => Run([2, 3], 20));
        Fails("Attention: page -1 is outside a pool of 3 pages.", () => Run([-1, 1], 20));
        Assert.Contains("needs 3 entries of a page table of 2", Assert.Throws<CaravanException>(() => Run([2, 0], 33)).Message);
        Assert.Throws<InvalidOperationException>(() => Run([2, 0], 20, pass));
        pages = pages with { Type = DType.Q8_0 };
        Fails("Attention: keys and values of Q8_0 need heads of a multiple of 32 features, but these have 2; keep them as F16.", () => Run([2, 0], 20));
        pages = pages with { Type = DType.Q4_K };
        Fails("Pages of keys and values cannot be Q4_K; expected F32, F16, Q8_0, Q4_0.", () => Run([2, 0], 20));

        Tensor Run(int[] table, int keyCount, Pass? other = null)
        {
            PageMap map = new(FusedTests.Native(inference, table), FusedTests.Native(inference, [0, 0, 0, 0]), FusedTests.Native(inference, [0, 1, 2, 3]));
            NativeSpan<AttentionSegment> segments = FusedTests.Native<AttentionSegment>(inference, [new(0, 4, keyCount)]);
            return Attention.Forward(other ?? inference, new AttentionShape(3, 3, 2, 1), segments, x, x, x, pages, map);
        }
    }

    [Fact]
    public void A_device_needs_an_instruction_set_that_is_there()
    {
        InstructionSet unknown = (InstructionSet)99;
        Assert.StartsWith("This processor does not support 99; it supports Scalar", Assert.Throws<CaravanException>(() => new Device(3, unknown)).Message);
    }

    public void Dispose()
    {
        pass.Dispose();
        device.Dispose();
    }

    private Tensor Zeros(params ReadOnlySpan<long> shape) => pass.Workspace.RentZeroed(new Shape(shape));

    private static void Fails(string sentence, Func<Tensor> run) => Assert.Equal(sentence, Assert.Throws<CaravanException>(run).Message);
}
