using Caravan.Models;
using Caravan.Tensors;
using Caravan.Tensors.Ops;
using Caravan.Testing;

namespace Caravan.Training.Tests;

/// <summary>What kinds of adapters want of training beside their forward passes.</summary>
public sealed class AdapterPolicyTests : IDisposable
{
    private static readonly int[] Text = [5, 9, 33, 2, 17, 40, 8, 21];

    private readonly Device device = new(2);
    private readonly string folder = Directory.CreateTempSubdirectory("caravan-policy-").FullName;
    private readonly Model model;

    public AdapterPolicyTests() => model = Fixtures.Available ? Open() : null!;

    public void Dispose()
    {
        model?.Dispose();
        device.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void TheBudgetFallsByACube()
    {
        AdaLoraBudget budget = new(First: 120, Last: 40, WarmUp: 10, Settled: 20, Steps: 110, Every: 5);
        Assert.Equal((120, 120, 40, 40), (budget.At(1), budget.At(10), budget.At(90), budget.At(110)));
        Assert.Equal(50, budget.At(50));
        Assert.Equal([15, 20, 90], new[] { 5, 10, 12, 15, 20, 90, 95 }.Where(budget.Chooses));
    }

    [FixtureTheory]
    [InlineData("lomo")]
    [InlineData("mezo")]
    public void AdaLoraNeedsGradientsThatStay(string optimizer)
    {
        AdapterOptions options = new() { Kind = "ada_lora" };
        using Adapter adapter = AdapterKinds.Create(model, options, "a");
        using Optimizer moves = OptimizerCatalog.Create([], new OptimizerOptions { Name = optimizer });
        CaravanException refusal = Assert.Throws<CaravanException>(() => AdapterKinds.Policies(new AdapterTraining(adapter, options, model, moves, 10)).ToArray());
        Assert.Contains("weighs directions by their gradients", refusal.Message, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void AdaLoraMovesRankToWhereItCounts()
    {
        AdapterOptions options = new() { Kind = "ada_lora", FirstRank = 4, Rank = 2, BudgetEvery = 2, Orthogonality = 0.01, Seed = 3 };
        using Run run = new(this, model, options, steps: 20);
        for (int i = 0; i < 20; i++) run.Loop.Step();
        int[] open = [.. run.Adapter.Linears.Values.Cast<LoraAdapter>().Select(layer => layer.OpenDirections)];
        Assert.Equal(2 * open.Length, open.Sum());
        Assert.True(open.Max() > open.Min(), string.Join(' ', open));
        PeftWriter.Write(run.Adapter, model, Path.Combine(folder, "moved"));
        using Adapter read = PeftReader.Read(Path.Combine(folder, "moved"), model);
        float[] logits = AdapterTrials.Logits(device, model, 0, Text), again = AdapterTrials.Logits(device, model, model.Adapters.Attach(read), Text);
        Assert.Equal(open.Sum(), read.Linears.Values.Cast<LoraAdapter>().Sum(layer => layer.Rank));
        AdapterTrials.Near(logits, again, 1e-5 * (logits.Max() - logits.Min()));
    }

    [FixtureFact]
    public void SoraClosesDirectionsThatEarnLittle()
    {
        using Run run = new(this, model, new AdapterOptions { Kind = "sora", Rank = 8, Sparsity = 10.5, Seed = 3 }, steps: 10);
        for (int i = 0; i < 10; i++) run.Loop.Step();
        int open = run.Adapter.Linears.Values.Cast<LoraAdapter>().Sum(layer => layer.OpenDirections);
        Assert.InRange(open, 1, (8 * run.Adapter.Linears.Count) - 1);
    }

    /// <summary>Penalties by central differences: quadratics and quartics of numbers of order 1, summed in double and read as floats.</summary>
    [FixtureTheory]
    [InlineData("ada_lora")]
    [InlineData("o_lora")]
    public void GradientsOfPenaltiesAreDifferences(string kind)
    {
        const float h = 1f / 128;
        using Adapter earlier = AdapterKinds.Create(model, AdapterTrials.Options("lora"), "earlier"), adapter = AdapterKinds.Create(model, AdapterTrials.Options(kind), kind);
        AdapterTrials.Disturb(earlier, 1, by: 1);
        AdapterTrials.Disturb(adapter, 2, by: 1);
        using AdapterPolicy policy = kind == "o_lora" ? new OLoraPolicy(adapter, [earlier], 0.5) : new AdaLoraPolicy(adapter, new AdaLoraBudget(8, 4, 0, 0, 10, 1), 0.5, 0.85, 0.85);
        IReadOnlyList<Parameter> parameters = Trainables.Of(adapter);
        foreach (Parameter parameter in parameters) parameter.KeepGradient();
        using (Pass pass = new(device, new Tape())) pass.Tape!.Backward(pass, policy.Penalty(pass)!);
        foreach (Parameter parameter in parameters.Where(one => one.Name.Contains("layers.0", StringComparison.Ordinal)))
        {
            float[] gradient = parameter.Gradient!.Floats.AsSpan().ToArray(), start = parameter.Tensor.Floats.AsSpan().ToArray();
            double length = Math.Sqrt(gradient.Sum(value => (double)value * value));
            if (length == 0) continue;
            double difference = (At(h / length) - At(-h / length)) / (2 * h);
            Assert.Equal(length, difference, (0.01 * length) + 0.01);
            At(0);

            double At(double step)
            {
                using Pass pass = new(device);
                for (int i = 0; i < start.Length; i++) parameter.Tensor.Floats[i] = (float)(start[i] + (step * gradient[i]));
                return policy.Penalty(pass)!.Floats[0];
            }
        }

        foreach (Parameter parameter in parameters) parameter.Dispose();
    }

    [FixtureFact]
    public void ARestartMergesAndForgets()
    {
        using Model own = Open();
        using Run run = new(this, own, new AdapterOptions { Kind = "re_lora", Rank = 2, RestartEvery = 4, Seed = 3 }, steps: 8);
        for (int i = 0; i < 3; i++) run.Loop.Step();
        float[] weight = own.Adapters.Projections["layers.0.attention.query"].Weights.Weight.Floats.AsSpan().ToArray();
        run.Loop.Step();
        Assert.NotEqual(weight, own.Adapters.Projections["layers.0.attention.query"].Weights.Weight.Floats.AsSpan().ToArray());
        Assert.All(run.Adapter.Linears.Values.Cast<LoraAdapter>(), layer => Assert.All(layer.Up.Floats.AsSpan().ToArray(), value => Assert.Equal(0, value)));
        float[] moments = [.. run.Optimizer.State.SelectMany(state => state.Values.Floats.AsSpan().ToArray())];
        Assert.InRange(moments.Count(value => value != 0), 1, moments.Length / 20);
        // The merged model computes what it did with the adapter: B is 0 now.
        AdapterTrials.Near(AdapterTrials.Logits(device, own, 0, Text), AdapterTrials.Logits(device, own, -1, Text), 0);
        using Model mapped = Model.Load(Fixtures.PathOf("models", "llama-gqa"));
        using Adapter other = AdapterKinds.Create(mapped, new AdapterOptions { Kind = "re_lora" }, "other");
        Assert.Contains("load the model to be trained", Assert.Throws<CaravanException>(() => new ReLoraPolicy(mapped, other, run.Optimizer, 4, 0.99, 0)).Message, StringComparison.Ordinal);
    }

    /// <summary>A run that goes on from a checkpoint ends with the same bits as one that never stopped, whatever its policy remembers; with dropout.</summary>
    [FixtureTheory]
    [InlineData("lora")]
    [InlineData("ada_lora")]
    [InlineData("sora")]
    [InlineData("re_lora")]
    public void ResumedItEndsWithTheSameBits(string kind)
    {
        AdapterOptions options = AdapterTrials.Options(kind) with { RestartEvery = 3, BudgetEvery = 2, Rank = 2, Dropout = 0.25 };
        string checkpoint = Path.Combine(folder, "checkpoint");
        float[] whole, resumed;
        using (Model first = Open())
        using (Run run = new(this, first, options, steps: 10))
        {
            for (int i = 0; i < 10; i++)
            {
                if (i == 5) TrainingCheckpoint.Write(checkpoint, run.Loop, []);
                run.Loop.Step();
            }

            whole = run.Numbers(first);
        }

        using (Model second = Open())
        using (Run run = new(this, second, kind == "re_lora" ? options : options with { Seed = 99 }, steps: 10))
        {
            TrainingCheckpoint.Read(checkpoint, run.Loop);
            for (int i = 5; i < 10; i++) run.Loop.Step();
            resumed = run.Numbers(second);
        }

        // ReLoRA draws its next directions from the seed, which a resumed run is given again; the others are given another to see that it does not count.
        Assert.Equal(whole, resumed);
    }

    [FixtureFact]
    public void SeveralAdaptersLearnAtOnceWhatEachLearnsAlone()
    {
        int[] other = [3, 3, 60, 14, 7];
        foreach (Tensor weight in model.Weights) weight.RequiresGradient = false;
        using Adapter first = AdapterKinds.Create(model, AdapterTrials.Options("lora"), "first"), second = AdapterKinds.Create(model, AdapterTrials.Options("lora") with { Seed = 8 }, "second");
        AdapterTrials.Disturb(first, 1);
        AdapterTrials.Disturb(second, 2);
        int[] slots = [model.Adapters.Attach(first), model.Adapters.Attach(second)];
        IReadOnlyList<Parameter> parameters = [.. Trainables.Of(first, task: "first"), .. Trainables.Of(second, task: "second")];
        Assert.Equal(parameters.Count, parameters.Select(parameter => parameter.Name).Distinct().Count());
        float[] together = Gradients(pass => Add.Forward(pass, Loss(pass, both: true, 0), Loss(pass, both: true, 1)));
        float[] alone = [.. Gradients(pass => Loss(pass, both: false, 0)).Zip(Gradients(pass => Loss(pass, both: false, 1)), (a, b) => a + b)];
        AdapterTrials.Near(alone, together, 1e-5);

        float[] Gradients(Func<Pass, Tensor> loss)
        {
            using Pass pass = new(device, new Tape());
            foreach (Parameter parameter in parameters)
            {
                parameter.KeepGradient();
                parameter.ClearGradient();
            }

            pass.Tape!.Backward(pass, loss(pass));
            return [.. parameters.SelectMany(parameter => parameter.Gradient!.Floats.AsSpan().ToArray())];
        }

        Tensor Loss(Pass pass, bool both, int which)
        {
            Batch batch = new();
            List<int> labels = [];
            for (int i = 0; i < 2; i++)
            {
                if (!both && i != which) continue;
                int[] text = i == 0 ? Text : other;
                batch.Adapter = slots[i];
                batch.AddSequence(text);
                labels.AddRange(i == which ? [.. text[1..], CrossEntropy.Ignored] : Enumerable.Repeat(CrossEntropy.Ignored, text.Length));
            }

            return CrossEntropy.Forward(pass, model.Decoder.Forward(pass, batch)!, [.. labels]);
        }
    }

    private static Model Open() => Model.Load(Fixtures.PathOf("models", "qwen2-untied"), new ModelOptions { Trainable = true });

    private sealed class Run : IDisposable
    {
        private readonly IReadOnlyList<AdapterPolicy> policies;
        private readonly IReadOnlyList<Parameter> parameters;

        public Run(AdapterPolicyTests tests, Model model, AdapterOptions options, int steps)
        {
            foreach (Tensor weight in model.Weights) weight.RequiresGradient = false;
            Adapter = AdapterKinds.Create(model, options, options.Kind);
            FewTexts method = new(model, model.Adapters.Attach(Adapter), [Text]);
            parameters = Trainables.Of(Adapter);
            Optimizer = new AdamW(parameters);
            policies = AdapterKinds.Policies(new AdapterTraining(Adapter, options, model, Optimizer, steps));
            Loop = new TrainingLoop(tests.device, method, parameters, Optimizer, AdapterTrials.Constant(1e-2), new LoopOptions { Seed = 4 }) { Policies = policies };
        }

        public Adapter Adapter { get; }

        public AdamW Optimizer { get; }

        public TrainingLoop Loop { get; }

        public float[] Numbers(Model model) => [.. Adapter.Parameters.Concat(model.Weights).SelectMany(tensor => tensor.Floats.AsSpan().ToArray())];

        public void Dispose()
        {
            Loop.Dispose();
            Optimizer.Dispose();
            foreach (AdapterPolicy policy in policies) policy.Dispose();
            foreach (Parameter parameter in parameters) parameter.Dispose();
            Adapter.Dispose();
        }
    }
}
