using System.Text.Json;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Tensors.Ops;
using Caravan.Testing;

namespace Caravan.Training.Tests;

/// <summary>What every kind of adapter must do, over a model with biases and one without.</summary>
public sealed class AdapterKindTests : IDisposable
{
    private static readonly int[] Text = [5, 9, 33, 2, 17, 40, 8, 21];

    private readonly Device device = new(2);

    public static TheoryData<string> Kinds => [.. AdapterKinds.All.Select(kind => kind.Name)];

    public void Dispose() => device.Dispose();

    [FixtureTheory]
    [MemberData(nameof(Kinds))]
    public void BeforeAnythingIsLearntNothingChanges(string kind)
    {
        using Model model = Open();
        using Adapter adapter = AdapterKinds.Create(model, AdapterTrials.Options(kind), kind);
        if (adapter.VirtualTokens is not null) return;
        float[] without = Logits(model, -1), with = Logits(model, model.Adapters.Attach(adapter));
        // DoRA divides by a length and multiplies by it again.
        AdapterTrials.Near(without, with, 1e-5 * (without.Max() - without.Min()));
    }

    /// <summary>
    /// Along its own gradient each tensor must raise the loss by the gradient's length. A central difference of width 2h errs by h²/6 of the third
    /// derivative and by the rounding of the losses, 2⁻²² · 6, over 2h. DoRA's lengths count as constants, which they are once nothing is learnt.
    /// </summary>
    [FixtureTheory]
    [MemberData(nameof(Kinds))]
    public void GradientsAreDifferences(string kind)
    {
        const float h = 1f / 256;
        using Model model = Open();
        using Adapter adapter = AdapterKinds.Create(model, AdapterTrials.Options(kind), kind);
        AdapterTrials.Disturb(adapter, 11);
        int slot = model.Adapters.Attach(adapter);
        IReadOnlyList<Parameter> parameters = Trainables.Of(adapter);
        Learn(model, slot, parameters);
        foreach (Parameter parameter in parameters) parameter.Tensor.RequiresGradient = false;
        Loss(model, slot);
        foreach (Parameter parameter in parameters)
        {
            float[] gradient = parameter.Gradient!.Floats.AsSpan().ToArray(), start = parameter.Tensor.Floats.AsSpan().ToArray();
            double length = Math.Sqrt(gradient.Sum(value => (double)value * value));
            Assert.True(length > 0, $"{parameter.Name} has no gradient.");
            double difference = (At(h / length) - At(-h / length)) / (2 * h);
            Assert.True(Math.Abs(difference - length) < (0.01 * length) + 1e-3, $"{parameter.Name}: the gradient's length is {length}, by differences {difference}.");
            At(0);

            double At(double step)
            {
                for (int i = 0; i < start.Length; i++) parameter.Tensor.Floats[i] = (float)(start[i] + (step * gradient[i]));
                return Loss(model, slot);
            }
        }

        foreach (Parameter parameter in parameters) parameter.Dispose();
    }

    [FixtureTheory]
    [MemberData(nameof(Kinds))]
    public void MergedItComputesTheSameAndComesOutAgainBitForBit(string kind)
    {
        using Model model = Open();
        using Adapter adapter = AdapterKinds.Create(model, AdapterTrials.Options(kind), kind);
        AdapterTrials.Disturb(adapter, 13);
        if (AdapterTrials.HasPrompts(adapter))
        {
            Assert.Contains("attach it instead of merging it", Assert.Throws<CaravanException>(() => new AdapterMerge(model, adapter)).Message, StringComparison.Ordinal);
            return;
        }

        float[] without = Logits(model, -1), with = Logits(model, model.Adapters.Attach(adapter));
        using AdapterMerge merge = new(model, adapter);
        merge.Exchange();
        float range = with.Max() - with.Min();
        Assert.True(with.Zip(without).Max(pair => MathF.Abs(pair.First - pair.Second)) > 1e-3f * range, "the adapter changes nothing");
        AdapterTrials.Near(with, Logits(model, -1), 2e-5 * range);
        merge.Exchange();
        Assert.Equal(without, Logits(model, -1));
    }

    [FixtureTheory]
    [MemberData(nameof(Kinds))]
    public void LearningLowersTheLossAndLeavesTheModelAsItIs(string kind)
    {
        using Model model = Model.Load(Fixtures.PathOf("models", "qwen2-untied"), new ModelOptions { Trainable = true });
        float[] weights = [.. model.Weights.SelectMany(weight => weight.Floats.AsSpan().ToArray())];
        AdapterOptions options = AdapterTrials.Options(kind) with { RestartEvery = 100, Orthogonality = 0.01, Overlap = 0, Earlier = [Fixtures.Root] };
        using Adapter adapter = AdapterKinds.Create(model, options, kind);
        FewTexts method = new(model, model.Adapters.Attach(adapter), [Text]);
        IReadOnlyList<Parameter> parameters = Trainables.Of(adapter, outputRate: 4);
        using AdamW optimizer = new(parameters);
        IReadOnlyList<AdapterPolicy> policies = kind == "o_lora" ? [] : AdapterKinds.Policies(new AdapterTraining(adapter, options, model, optimizer, 20));
        using TrainingLoop loop = new(device, method, parameters, optimizer, AdapterTrials.Constant(AdapterTrials.HasPrompts(adapter) ? 0.1 : 5e-3), new LoopOptions()) { Policies = policies };
        double first = loop.Step().Loss;
        for (int i = 1; i < 20; i++) loop.Step();
        Assert.True(loop.Evaluate()["loss"] < 0.8 * first, $"{first} became {loop.Evaluate()["loss"]}");
        Assert.Equal(weights, model.Weights.SelectMany(weight => weight.Floats.AsSpan().ToArray()));
        foreach (AdapterPolicy policy in policies) policy.Dispose();
    }

    [FixtureFact]
    public void DoraIsTheGoldenOne()
    {
        JsonElement golden = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("training", "lora.json"))).RootElement.GetProperty("dora");
        using Model model = Model.Load(Fixtures.PathOf("models", "llama-gqa"));
        using Adapter lora = PeftReader.Read(Fixtures.PathOf("training", "lora_adapter"), model);
        LoraAdapter first = (LoraAdapter)lora.Linears["layers.0.attention.query"];
        LinearWeights layer = model.Adapters.Projections["layers.0.attention.query"].Weights;
        using Tensor lengths = Tensor.Allocate(new Shape(48)), magnitude = Floats([48], golden.GetProperty("magnitude").Deserialize<float[]>()!);
        DoraAdapter.Lengths(layer.Weight, lengths);
        for (int i = 0; i < 48; i++) Assert.Equal(magnitude.Floats[i], lengths.Floats[i] * (0.8 + (0.4 * i / 47)), 1e-6);
        DoraAdapter dora = new(first.Down, first.Up, magnitude, first.Scaling);
        using Tensor merged = Floats([48, 48], layer.Weight.Floats.AsSpan().ToArray());
        dora.Merge(merged, null);
        AdapterTrials.Near(golden.GetProperty("merged_row0").Deserialize<float[]>()!, merged.Floats.AsSpan(0, 48), 1e-6);
        AdapterTrials.Near(golden.GetProperty("merged_row47").Deserialize<float[]>()!, merged.Floats.AsSpan(47 * 48, 48), 1e-6);
        Assert.Equal(golden.GetProperty("merged_l2").GetDouble(), Math.Sqrt(device.Kernels.SumOfSquares(merged.Floats)), 1e-6);
    }

    [FixtureFact]
    public void DropoutIsTheSameWhenLayersAreComputedAgain()
    {
        using Model model = Open();
        using Adapter adapter = AdapterKinds.Create(model, AdapterTrials.Options("lora") with { Dropout = 0.5 }, "lora");
        AdapterTrials.Disturb(adapter, 17);
        int slot = model.Adapters.Attach(adapter);
        IReadOnlyList<Parameter> parameters = Trainables.Of(adapter);
        float[] kept = Gradients(recompute: false, seed: 1), again = Gradients(recompute: true, seed: 1), other = Gradients(recompute: false, seed: 2);
        Assert.Equal(kept, again);
        Assert.NotEqual(kept, other);
        foreach (Parameter parameter in parameters) parameter.Dispose();

        float[] Gradients(bool recompute, ulong seed)
        {
            foreach (Parameter parameter in parameters) parameter.ClearGradient();
            Learn(model, slot, parameters, recompute, seed);
            return [.. parameters.SelectMany(parameter => parameter.Gradient!.Floats.AsSpan().ToArray())];
        }
    }

    /// <summary>Gradients flow through weights of any type as through the numbers that they stand for; products of both kinds round by 2⁻²⁴ of their terms.</summary>
    [Fact]
    public void LoraLearnsOverEveryTypeOfWeights()
    {
        const int outputs = 24, inputs = 256, rows = 5;
        foreach (QuantFormat format in QuantFormats.All)
        {
            Random random = new(29);
            using Tensor values = Random(random, outputs, inputs), weight = Tensor.Allocate(new Shape(outputs, inputs), format.DType), decoded = Tensor.Allocate(new Shape(outputs, inputs));
            format.Encode(values.Floats, weight.Bytes, inputs);
            format.Decode(weight.Bytes, decoded.Floats);
            using Tensor x = Random(random, rows, inputs), a = Random(random, 4, inputs), b = Random(random, outputs, 4), m = Random(random, outputs);
            foreach (LinearAdapter adapter in (LinearAdapter[])[new LoraAdapter(a, b, 0.5f), new DoraAdapter(a, b, m, 0.5f)])
            {
                float[] direct = Run(adapter, new LinearWeights(weight), x);
                AdapterTrials.Near(Run(adapter, new LinearWeights(decoded), x), direct, 1e-4);
            }
        }
    }

    /// <summary>A minimum is a half: what moves it is rounded to 2⁻¹¹ of what the minimum becomes, and no code changes.</summary>
    [Theory]
    [InlineData(DType.Q4_1)]
    [InlineData(DType.Q5_1)]
    public void GroupsOfInputsMergeIntoMinimaAndLeaveCodesAsTheyAre(DType type)
    {
        const int outputs = 6, inputs = 128;
        Random random = new(41);
        using Tensor values = Random(random, outputs, inputs), weight = Tensor.Allocate(new Shape(outputs, inputs), type), a = Random(random, 3, inputs / 64), b = Random(random, outputs, 3);
        QuantFormats.Of(type).Encode(values.Floats, weight.Bytes, inputs);
        QaLoraAdapter adapter = new(a, b, 0.5f, group: 64);
        using Tensor merged = adapter.MergeBlocks(weight)!, decoded = Tensor.Allocate(weight.Shape), expected = Tensor.Allocate(weight.Shape);
        QuantFormats.Of(type).Decode(merged.Bytes, decoded.Floats);
        QuantFormats.Of(type).Decode(weight.Bytes, expected.Floats);
        adapter.Merge(expected, null);
        AdapterTrials.Near(expected.Floats.AsSpan(), decoded.Floats.AsSpan(), 2 * MathF.Pow(2, -11));
        for (int i = 0; i < weight.Bytes.Length; i++)
            if (i % type.BlockBytes() is not (2 or 3)) Assert.Equal(weight.Bytes[i], merged.Bytes[i]);
    }

    private static Model Open() => Model.Load(Fixtures.PathOf("models", "qwen2-untied"));

    private static Tensor Floats(long[] shape, float[] values)
    {
        Tensor tensor = Tensor.Allocate(new Shape(shape));
        values.CopyTo(tensor.Floats.AsSpan());
        return tensor;
    }

    private static Tensor Random(Random random, params long[] shape) => Floats(shape, [.. Enumerable.Range(0, (int)new Shape(shape).Elements).Select(_ => random.NextSingle() - 0.5f)]);

    /// <summary>The layer's outputs and the gradients of x, A and B for a sum of outputs.</summary>
    private float[] Run(LinearAdapter adapter, LinearWeights layer, Tensor x)
    {
        using Pass pass = new(device, new Tape());
        foreach (Tensor tensor in adapter.Parameters.Append(x)) tensor.RequiresGradient = true;
        Tensor y = adapter.Forward(pass, x, Linear.Forward(pass, x, layer.Weight), layer);
        float[] slopes = [.. Enumerable.Repeat(1f, (int)y.Shape.Elements)], result = y.Floats.AsSpan().ToArray();
        pass.Tape!.Backward(pass, Objective.Forward(pass, y, 0, slopes));
        float[] all = [.. result, .. adapter.Parameters.Append(x).SelectMany(tensor => tensor.Gradient!.Floats.AsSpan().ToArray())];
        pass.Reset();
        return all;
    }

    private float[] Logits(Model model, int slot) => AdapterTrials.Logits(device, model, slot, Text);

    private double Loss(Model model, int slot)
    {
        using Pass pass = new(device);
        return new FewTexts(model, slot, [Text]).Loss(pass).Floats[0];
    }

    private void Learn(Model model, int slot, IReadOnlyList<Parameter> parameters, bool recompute = false, ulong seed = 0)
    {
        using Pass pass = new(device, new Tape()) { RecomputesLayers = recompute, Seed = seed };
        foreach (Parameter parameter in parameters) parameter.KeepGradient();
        pass.Tape!.Backward(pass, new FewTexts(model, slot, [Text]).Loss(pass));
    }
}
