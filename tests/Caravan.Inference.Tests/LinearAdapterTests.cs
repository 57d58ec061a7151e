using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Inference.Tests;

/// <summary>Adapters of linear layers in an engine: many in one batch give what each gives alone.</summary>
[Collection(nameof(DecodingAllocationTests))]
public sealed class LinearAdapterTests : IDisposable
{
    private static readonly EngineOptions Options = new() { Threads = 2, ContextLength = 256, CacheTokens = 2048, Precision = ActivationPrecision.Exact, KeyValueType = DType.F32 };

    private static readonly int[] Prompt = [.. Enumerable.Range(0, 40).Select(i => 3 + (i * 7 % 50))];

    private readonly TemporaryFolder folder = new();
    private readonly Model model;

    public LinearAdapterTests()
    {
        string path = Path.Combine(folder.Path, "model");
        Directory.CreateDirectory(path);
        TinyLlama.Write(path);
        using (Model plain = Model.Load(path))
        {
            for (int seed = 1; seed <= 3; seed++)
            {
                using Adapter adapter = Random(plain, seed);
                PeftWriter.Write(adapter, plain, Path.Combine(folder.Path, $"adapter{seed}"));
            }
        }

        model = Model.Load(path, new ModelOptions
        {
            Adapters = [new AdapterSource(Path.Combine(folder.Path, "adapter1")), new AdapterSource(Path.Combine(folder.Path, "adapter2"), "second"), new AdapterSource(Path.Combine(folder.Path, "adapter3"))],
        });
    }

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(512)]
    [InlineData(7)]
    public void TogetherTheyGenerateWhatEachGivesAlone(int batchTokens)
    {
        string?[] names = ["adapter1", null, "second", "adapter3", "adapter1", null, "second"];
        int[][] alone = [.. names.Select(Alone)];
        using Engine engine = new(model, Options with { BatchTokens = batchTokens });
        Generation[] together = [.. names.Select(name => engine.Submit(Request(name)))];
        while (engine.Step())
        {
        }

        Assert.Equal(alone, together.Select(generation => generation.Tokens.ToArray()));
        Assert.Equal(4, alone.Select(tokens => string.Join(' ', tokens)).Distinct().Count());
        Assert.Equal(["adapter1", "second", "adapter3"], model.AdapterNames);
    }

    [Fact]
    public void PagesAreSharedWithinAnAdapterOnly()
    {
        using Engine engine = new(model, Options);
        Assert.Equal(0, engine.Generate(Request("second")).ReusedTokens);
        Generation plain = engine.Generate(Request(null)), again = engine.Generate(Request("second"));
        Assert.Equal(0, plain.ReusedTokens);
        Assert.Equal(Alone(null), plain.Tokens);
        Assert.Equal(32, again.ReusedTokens);
        Assert.Equal(Alone("second"), again.Tokens);
    }

    [Fact]
    public void AnUnknownAdapterNamesThoseThatThereAre()
    {
        string message = Assert.Throws<CaravanException>(() => model.SlotOf("adapter4")).Message;
        Assert.Contains("attached are adapter1, second, adapter3", message, StringComparison.Ordinal);
        AdapterSource taken = new(Path.Combine(folder.Path, "adapter2"), "second");
        Assert.Contains("Two adapters are called 'second'", Assert.Throws<CaravanException>(() => model.Attach(taken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DecodingThroughAdaptersAllocatesNothing()
    {
        using Engine engine = new(model, Options);
        foreach (string? name in (string?[])["adapter1", null, "second", "adapter1"]) engine.Submit(Request(name) with { MaxTokens = 150 }, Receive);
        for (int i = 0; i < 40; i++) engine.Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 60; i++) engine.Step();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static bool Receive(in GeneratedToken token, ReadOnlySpan<TokenLogProbability> alternatives) => true;

    /// <summary>Seed 3 has magnitudes of its own: DoRA.</summary>
    private static Adapter Random(Model model, int seed)
    {
        Random random = new(seed);
        Adapter adapter = new($"adapter{seed}");
        foreach ((string layer, Projection projection) in model.Adapters.Projections)
        {
            (long outputs, long inputs) = (projection.Weights.Weight.Shape[0], projection.Weights.Weight.Shape[1]);
            (Tensor a, Tensor b) = (Values(random, 4, inputs), Values(random, outputs, 4));
            adapter.Add(layer, seed == 3 ? new DoraAdapter(a, b, Values(random, outputs), 1) : new LoraAdapter(a, b, 1));
        }

        return adapter;
    }

    private static Tensor Values(Random random, params ReadOnlySpan<long> shape)
    {
        Tensor tensor = Tensor.Allocate(new Shape(shape));
        foreach (ref float value in tensor.Floats.AsSpan()) value = random.NextSingle() - 0.5f;
        return tensor;
    }

    private GenerationRequest Request(string? adapter) => new() { Prompt = Prompt, MaxTokens = 24, Sampling = SamplingOptions.Greedy, Adapter = model.SlotOf(adapter) };

    private int[] Alone(string? adapter)
    {
        using Engine engine = new(model, Options);
        return [.. engine.Generate(Request(adapter)).Tokens];
    }
}
