using System.Diagnostics;
using Caravan.Inference;
using Caravan.Models;
using Caravan.Text;

namespace Caravan.Bench;

/// <summary>
/// What grammars cost a token beside a decode step: finding and applying the mask and going on by the token, along texts that follow the grammar.
/// <c>--grammars VOCABULARY [--model FILE]</c>: the masks are those of VOCABULARY's tokenizer, the step is that of the model.
/// </summary>
internal static class GrammarReport
{
    private const string Schema = """
        {"type":"object","properties":{"people":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string","maxLength":100},"age":{"type":"integer","minimum":0,"maximum":130},
         "mail":{"type":"string","format":"email"},"address":{"anyOf":[{"type":"null"},{"type":"object","properties":{"street":{"type":"string"},"zip":{"type":"string","pattern":"^\\d{5}$"}},
         "required":["street","zip"],"additionalProperties":false}]}},"required":["name","age","address"],"additionalProperties":false}},"sentiment":{"enum":["positive","neutral","negative"]}},
         "required":["people","sentiment"],"additionalProperties":false}
        """;

    private const string Json = """
        {"people": [{"name": "Ada Lovelace, who wrote the first program", "age": 36, "mail": "ada@analytical.engine.org", "address": {"street": "St James's Square 12", "zip": "10115"}},
        {"name": "Charles Babbage", "age": 79, "address": null}, {"name": "Grace Brewster Murray Hopper", "age": 85, "mail": "grace@navy.mil", "address": {"street": "Arlington National Cemetery", "zip": "22211"}}], "sentiment": "positive"}
        """;

    private static readonly (string Name, Func<Grammar> Make, string Text)[] Cases =
    [
        ("json_schema", () => Grammar.JsonSchema(Schema), Json.ReplaceLineEndings("")),
        ("json_object", () => new Grammar(JsonNodes.Object), Json.ReplaceLineEndings("")),
        ("regex, dates", () => Grammar.Regex(@"(\d{4}-\d{2}-\d{2}(, )?)+"), string.Join(", ", Enumerable.Range(10, 18).Select(day => $"2024-05-{day}"))),
        ("regex, prose", () => Grammar.Regex(@"([A-Z][\w ,']*[.!?] ?)+"), string.Concat(Enumerable.Repeat("It was the best of times, it was the worst of times. ", 8))),
        ("lazy, prose", () => Grammar.After(["<tool_call>"], Grammar.Json), string.Concat(Enumerable.Repeat("It was the best of times, it was the worst of times. ", 8))),
    ];

    public static void Print(string vocabulary, string? modelPath, int rounds)
    {
        Tokenizer tokenizer = Tokenizer.Load(vocabulary);
        long start = Stopwatch.GetTimestamp();
        TokenTrie trie = TokenTrie.Of(tokenizer, System.Collections.Frozen.FrozenSet<int>.Empty);
        Console.WriteLine($"{tokenizer.VocabularySize} tokens, {trie.Nodes.Length} nodes in the trie, built in {Milliseconds(start):F1} ms (with the compiling of the code)");
        double step = modelPath is null ? 20 : DecodeMilliseconds(modelPath, rounds);
        Console.WriteLine($"decode step: {step:F2} ms{(modelPath is null ? " (assumed)" : "")}");
        // The code is compiled at its first call.
        foreach ((_, Func<Grammar> make, string text) in Cases) Follow(make(), tokenizer, text);
        Console.WriteLine("grammar        tokens   compile ms   first use µs/token: median   mean    max   known µs/token: median   mean    max   of a step: first mean   known mean");
        foreach ((string name, Func<Grammar> make, string text) in Cases)
        {
            start = Stopwatch.GetTimestamp();
            Grammar grammar = make();
            double compile = Milliseconds(start);
            double[] first = Follow(grammar, tokenizer, text);
            double[] known = [.. Enumerable.Range(0, rounds).SelectMany(_ => Follow(grammar, tokenizer, text))];
            Console.WriteLine(
                $"{name,-14} {first.Length,6} {compile,12:F2} {Program.Median(first),27:F1} {first.Average(),6:F1} {first.Max(),6:F0} {Program.Median(known),23:F1} {known.Average(),6:F1} {known.Max(),6:F0}" +
                $" {first.Average() / step / 1000,22:P2} {known.Average() / step / 1000,12:P2}");
        }
    }

    /// <summary>Microseconds of each token along a text.</summary>
    private static double[] Follow(Grammar grammar, Tokenizer tokenizer, string text)
    {
        int[] tokens = tokenizer.Encode(text, addSpecial: false);
        float[] logits = new float[tokenizer.VocabularySize], masked = new float[tokenizer.VocabularySize];
        GrammarCursor cursor = new(grammar.For(tokenizer), tokenizer.EndOfGenerationIds, continues: false);
        double[] times = new double[tokens.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            cursor.Mask(logits, masked);
            cursor.Accept(tokens[i]);
            times[i] = Milliseconds(start) * 1000;
            if (float.IsNegativeInfinity(masked[tokens[i]])) throw new InvalidOperationException($"token {i} '{tokenizer.TokenText(tokens[i])}' is not of the grammar");
        }

        return times;
    }

    /// <summary>The median of single decode steps of one sequence, without a grammar; prints it beside steps with one, taken in turn.</summary>
    private static double DecodeMilliseconds(string path, int rounds)
    {
        using Model model = Model.Load(path, new ModelOptions { Repack = true });
        using Engine engine = new(model, new EngineOptions { ContextLength = 512 });
        SamplingOptions free = new() { Seed = 1 }, prose = free with { Grammar = Grammar.Regex(@"([A-Z][\w ,']*[.!?] ?)+") };
        List<double> without = [], with = [];
        for (int round = 0; round <= rounds; round++)
        {
            IEnumerable<double> freeSteps = Steps(engine, free).ToArray(), grammarSteps = Steps(engine, prose).ToArray();
            if (round == 0) continue;
            without.AddRange(freeSteps);
            with.AddRange(grammarSteps);
        }

        double step = Program.Median([.. without]), masked = Program.Median([.. with]);
        Console.WriteLine($"the engine's steps: {step:F2} ms without, {masked:F2} ms with a grammar (medians; means {without.Average():F2} and {with.Average():F2}): {masked / step - 1:P2}");
        return step;
    }

    private static IEnumerable<double> Steps(Engine engine, SamplingOptions sampling)
    {
        Generation generation = engine.Submit(new GenerationRequest { Prompt = [1, 2, 3, 4], MaxTokens = 300, Sampling = sampling });
        for (int i = 0; i < 35; i++)
        {
            long start = Stopwatch.GetTimestamp();
            engine.Step();
            if (i >= 5) yield return Milliseconds(start);
        }

        generation.Cancel();
        while (engine.Step()) { }
    }

    private static double Milliseconds(long start) => Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}
