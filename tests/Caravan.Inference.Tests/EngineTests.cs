using System.Text.Json;
using Caravan.Models;
using Caravan.Testing;

namespace Caravan.Inference.Tests;

/// <summary>The engine on the trained model of the fixtures.</summary>
public sealed class EngineTests
{
    private static readonly EngineOptions Options = new() { Threads = 2, ContextLength = 256, CacheTokens = 1024 };

    [FixtureTheory]
    [InlineData("from_bos")]
    [InlineData("from_prompt")]
    public void Stories260KContinuesAsTheReference(string part)
    {
        using Model model = Model.Load(Fixtures.PathOf("real", "stories260K.bin"));
        using Engine engine = new(model, Options);
        JsonElement expected = Golden().GetProperty(part);
        int[] prompt = expected.GetProperty("prompt_tokens").Deserialize<int[]>()!;
        Assert.Equal(expected.GetProperty("greedy_64").Deserialize<int[]>()!, engine.Generate(Greedy(prompt, 64)).Tokens);
    }

    [FixtureTheory]
    [InlineData("gpt2")]
    [InlineData("opt")]
    [InlineData("biogpt")]
    public void LearnedPositionsEnd(string folder)
    {
        string path = Fixtures.PathOf("models", folder);
        using Model model = Model.Load(path);
        string sentence = Assert.Throws<CaravanException>(() => new Engine(model, Options with { ContextLength = 129 })).Message;
        Assert.Equal($"'{path}' has learned positions for 128 tokens, and a context of 129 was asked for; ask for 128 at most.", sentence);
        using Engine engine = new(model, Options with { ContextLength = 128 });
        Assert.Equal(125, engine.Generate(Greedy([5, 6, 7], 200)).Tokens.Count);
    }

    [FixtureFact]
    public void SinusoidsDoNotEnd()
    {
        using Model model = Model.Load(Fixtures.PathOf("models", "xglm"));
        using Engine engine = new(model, Options with { ContextLength = 256 });
        Assert.Equal(150, engine.Generate(Greedy([5, 6, 7], 150)).Tokens.Count);
    }

    [FixtureFact]
    public void ASharedBeginningIsComputedOnce()
    {
        using Model model = Model.Load(Fixtures.PathOf("real", "stories260K.bin"));
        using Engine engine = new(model, Options);
        int[] story = [.. Prompt(), .. engine.Generate(Greedy(Prompt(), 60)).Tokens];
        Generation again = engine.Generate(Greedy(story, 20));
        Assert.Equal(64, again.ReusedTokens);
        using Engine fresh = new(model, Options);
        Assert.Equal(fresh.Generate(Greedy(story, 20)).Tokens, again.Tokens);
    }

    [FixtureFact]
    public void PagesOfManySequencesAreReusedWithoutMixingThem()
    {
        using Model model = Model.Load(Fixtures.PathOf("real", "stories260K.bin"));
        // 12 pages for sequences that need 4 or 5 each: every one displaces another's idle pages.
        using Engine engine = new(model, Options with { CacheTokens = 192 });
        Random random = new(11);
        int[][] prompts = [.. Enumerable.Range(0, 20).Select(_ => Enumerable.Range(0, random.Next(1, 50)).Select(_ => random.Next(3, 512)).ToArray())];
        int[][] alone = [.. prompts.Select(prompt =>
        {
            using Engine fresh = new(model, Options);
            return fresh.Generate(Greedy(prompt, 24)).Tokens.ToArray();
        })];
        for (int round = 0; round < 3; round++)
        {
            Generation[] together = [.. prompts.Select(prompt => engine.Submit(Greedy(prompt, 24)))];
            while (engine.Step())
            {
            }

            Assert.Equal(alone, together.Select(generation => generation.Tokens.ToArray()));
        }
    }

    [FixtureFact]
    public void ACancelledGenerationEndsAndFreesItsPlace()
    {
        using Model model = Model.Load(Fixtures.PathOf("real", "stories260K.bin"));
        using Engine engine = new(model, Options);
        using CancellationTokenSource cancellation = new();
        int received = 0;
        Generation generation = engine.Generate(
            Greedy(Prompt(), 200),
            (in GeneratedToken _, ReadOnlySpan<TokenLogProbability> _) =>
            {
                if (++received == 5) cancellation.Cancel();
                return true;
            },
            cancellation.Token);
        Assert.Equal(FinishReason.Cancelled, generation.FinishReason);
        Assert.Equal(5, generation.Tokens.Count);
        Assert.False(engine.Step());
    }

    [FixtureFact]
    public void TheContextEndsAGeneration()
    {
        using Model model = Model.Load(Fixtures.PathOf("real", "stories260K.bin"));
        using Engine engine = new(model, Options with { ContextLength = 32 });
        Generation generation = engine.Generate(Greedy(Prompt(), 100));
        Assert.Equal(FinishReason.Length, generation.FinishReason);
        Assert.Equal(32, Prompt().Length + generation.Tokens.Count);
    }

    [FixtureFact]
    public void BadPromptsAreRefused()
    {
        using Model model = Model.Load(Fixtures.PathOf("real", "stories260K.bin"));
        using Engine engine = new(model, Options with { ContextLength = 32 });
        Assert.Equal("The prompt is empty, and a model continues at least one token; give some text.", Refusal(engine, []));
        Assert.Equal(
            "The prompt has 40 tokens, but the context holds 32, the answer included; shorten it or use a longer context (the model was trained for 512).",
            Refusal(engine, new int[40]));
        Assert.Equal("The prompt holds the token 512; the model knows 0 to 511.", Refusal(engine, [1, 512]));
        Assert.Equal("The prompt holds the token -1; the model knows 0 to 511.", Refusal(engine, [-1]));
    }

    [FixtureFact]
    public void ABrokenWeightIsNamed()
    {
        using TemporaryFolder folder = new();
        byte[] bytes = File.ReadAllBytes(Fixtures.PathOf("real", "stories260K.bin"));
        // The first float of wq of layer 2: after 7 integers, the embedding and the attention norms, two layers of [64, 64] in.
        int offset = 28 + (4 * ((512 * 64) + (5 * 64) + (2 * 64 * 64)));
        BitConverter.TryWriteBytes(bytes.AsSpan(offset), float.NaN);
        string path = folder.Write("broken.bin", bytes);
        using Model model = Model.Load(path);
        using Engine engine = new(model, Options);
        CaravanException failure = Assert.Throws<CaravanException>(() => engine.Generate(Greedy(Prompt(), 5)));
        Assert.Equal(
            $"'{path}': the weight 'blk.2.attn_q.weight' holds NaN or infinity, and so do the logits; download or convert the model again.",
            failure.Message);
    }

    private static string Refusal(Engine engine, int[] prompt) => Assert.ThrowsAny<CaravanException>(() => engine.Submit(Greedy(prompt, 4))).Message;

    private static int[] Prompt() => Golden().GetProperty("from_prompt").GetProperty("prompt_tokens").Deserialize<int[]>()!;

    private static GenerationRequest Greedy(int[] prompt, int count) => new() { Prompt = prompt, MaxTokens = count, Sampling = SamplingOptions.Greedy };

    private static JsonElement Golden() =>
        JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("real", "stories260K.expected.json"))).RootElement;
}
