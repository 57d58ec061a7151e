using Caravan.Kernels;
using Caravan.Models;
using Caravan.Testing;

namespace Caravan.Inference.Tests;

/// <summary>Greedy continuations of every fixture folder of a known family.</summary>
public class GoldenGenerationTests
{
    private const int Count = 24;

    public static TheoryData<string> Folders => GoldenModel.Folders(FamilyCatalog.All.SelectMany(family => family.ModelTypes));

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void GreedyContinuation(string folder)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using Model model = Model.Load(golden.Folder);
        using Engine engine = new(model, new EngineOptions { KeyValueType = DType.F32, Threads = 2, ContextLength = 128, BatchTokens = 7 });
        foreach (GoldenModel.Sequence sequence in golden.Sequences)
        {
            if (!model.Decoder.Spec.DependsOnLength) Assert.Equal(sequence.Greedy24, Greedy(engine, sequence.InputIds, Count));
            else Assert.Equal(sequence.Greedy24, RecomputedAtEveryStep(model, sequence.InputIds));
        }
    }

    /// <summary>
    /// With dynamic scaling the keys in the cache keep the rotation of the length at which they were computed, as in transformers' generate.
    /// (Of the two sequences only the second can be compared: the first was generated after a longer one, whose frequencies
    /// transformers 4.41 had left behind in the module.)
    /// </summary>
    [FixtureFact]
    public void CachedKeysKeepTheirRotationUnderDynamicScaling()
    {
        GoldenModel golden = GoldenModel.Open("models/llama-rope-dynamic");
        using Model model = Model.Load(golden.Folder);
        using Engine engine = new(model, new EngineOptions { KeyValueType = DType.F32, Threads = 1, ContextLength = 128 });
        GoldenModel.Sequence sequence = golden.Sequences[1];
        Assert.Equal(sequence.HfGenerateWithCache24, Greedy(engine, sequence.InputIds, Count));
    }

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void SequencesGeneratedTogetherEqualThoseGeneratedAlone(string folder)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using Model model = Model.Load(golden.Folder);
        using Engine engine = new(model, new EngineOptions { Threads = 2, ContextLength = 128, CacheTokens = 512, BatchTokens = 16 });
        int[][] prompts = [.. golden.Sequences.SelectMany(sequence => new[] { sequence.InputIds, sequence.InputIds[..5], sequence.InputIds[3..9] })];
        int[][] alone = [.. prompts.Select(prompt => Greedy(engine, prompt, 12))];
        Generation[] together = [.. prompts.Select(prompt => engine.Submit(Request(prompt, 12)))];
        while (engine.Step())
        {
        }

        Assert.Equal(alone, together.Select(generation => generation.Tokens.ToArray()));
    }

    private static int[] Greedy(Engine engine, int[] prompt, int count) => [.. engine.Generate(Request(prompt, count)).Tokens];

    private static int[] RecomputedAtEveryStep(Model model, int[] prompt)
    {
        List<int> tokens = [.. prompt];
        for (int i = 0; i < Count; i++)
        {
            using Engine engine = new(model, new EngineOptions { KeyValueType = DType.F32, Threads = 1, ContextLength = 128 });
            tokens.Add(Greedy(engine, [.. tokens], 1)[0]);
        }

        return [.. tokens.Skip(prompt.Length)];
    }

    private static GenerationRequest Request(int[] prompt, int count) =>
        new() { Prompt = prompt, MaxTokens = count, Sampling = SamplingOptions.Greedy };
}
