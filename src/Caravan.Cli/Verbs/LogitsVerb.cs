using System.CommandLine;
using System.Text.Json;
using Caravan.Models;

namespace Caravan.Cli;

/// <summary>Prints the raw numbers a model gives; needs no tokenizer when token numbers are given.</summary>
internal sealed class LogitsVerb : Verb
{
    private readonly ModelFlags models = new();
    private readonly Option<string?> tokens = Flag.Text("--tokens", "IDS", "Token numbers, such as 1,2,3; nothing is added to them.");
    private readonly Option<string?> answer = Flag.Text("--decoder-tokens", "IDS", "For a model whose encoder reads the tokens: those of the answer so far. Default: the one that answers begin with.");
    private readonly TextFlags texts = new("--text", "--file", exact: true);
    private readonly Option<string?> positions = Flag.Text("--positions", "last|all", "Which positions to print: what comes after the last token (default), or after each.");
    private readonly Option<int?> generate = Flag.Number<int>("--generate", "N", "Also continue greedily by N tokens, not stopping at end-of-text tokens.");

    public override string Name => "logits";

    public override string Summary => "Print the logits of a sequence of tokens, the most probable tokens, and a greedy continuation.";

    public override string Example => "caravan logits --model llama-gqa --tokens 13,65,34,18 --positions all --generate 24 --json";

    protected override IEnumerable<Symbol> Symbols =>
        [.. models.Place, tokens, answer, .. texts.Symbols, positions, generate, .. models.Loading, .. models.Computing];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        _ = models.PathOf(parsed);
        bool all = WantsAll(parsed);
        int count = parsed.GetValue(generate) ?? 0;
        if (count < 0) throw new UsageException($"--generate takes 0 tokens or more, not {count}.");
        using Model model = models.Load(parsed);
        int[] sequence = Sequence(parsed, terminal, model);
        using RawForward forward = new(model, models.ThreadsOf(parsed), models.InstructionSetOf(parsed));
        int[] scored = Answer(parsed, model) ?? sequence;
        RawLogits logits = forward.Compute(sequence, all ? LogitRows.All : LogitRows.Last, scored);
        IReadOnlyList<int> generated = forward.Continue(sequence, count);
        if (parsed.GetValue(Json)) terminal.WriteJson(document => Write(document, scored, logits, generated));
        else Print(terminal, model, scored, logits, generated);
        return ExitCode.Success;
    }

    private bool WantsAll(ParseResult parsed) => parsed.GetValue(positions) switch
    {
        null or "last" => false,
        "all" => true,
        var other => throw new UsageException($"--positions takes 'last' or 'all', not '{other}'.{Suggestion.DidYouMean(other, ["last", "all"])}"),
    };

    /// <summary>The tokens of the answer; null for a model that continues what it reads.</summary>
    private int[]? Answer(ParseResult parsed, Model model)
    {
        string? ids = parsed.GetValue(answer);
        if (ids is not null && model.EncoderDecoder is null)
            throw new UsageException($"--decoder-tokens is for models with an encoder and a decoder; '{model.Path}' is {model.Network.KindWithArticle}.");
        if (ids is not null && parsed.GetValue(generate) > 0)
            throw new UsageException("--decoder-tokens and --generate do not go together: answers are generated from their beginning.");
        return ids is null ? model.EncoderDecoder?.Decoder.Spec.StartTokens : TokenList.Parse(ids, model.Spec.VocabularySize);
    }

    private int[] Sequence(ParseResult parsed, Terminal terminal, Model model)
    {
        string? ids = parsed.GetValue(tokens);
        string? text = texts.Find(parsed, terminal, orInput: false);
        if ((ids is null) == (text is null))
            throw new UsageException(ids is null ? "Nothing to compute was given; use --tokens 1,2,3 or --text TEXT." : "--tokens and a text were both given; leave one out.");
        int[] sequence = ids is null ? model.Tokenizer.Encode(text!) : TokenList.Parse(ids, model.Spec.VocabularySize);
        return sequence.Length > 0 ? sequence : throw new CaravanException("There are no tokens to compute; give at least one, such as --tokens 1.");
    }

    private static void Write(Utf8JsonWriter document, int[] sequence, RawLogits logits, IReadOnlyList<int> generated)
    {
        document.WriteIntegers("tokens", sequence);
        document.WriteStartArray("logits");
        for (int row = 0; row < logits.Rows; row++)
        {
            document.WriteStartArray();
            foreach (float logit in logits.Row(row)) document.WriteNumberValue(logit);
            document.WriteEndArray();
            // The writer keeps everything until it is told otherwise, and all positions of a large vocabulary are gigabytes.
            document.Flush();
        }

        document.WriteEndArray();
        document.WriteIntegers("argmax", Enumerable.Range(0, logits.Rows).Select(logits.ArgMax));
        document.WriteIntegers("generated", generated);
    }

    private static void Print(Terminal terminal, Model model, int[] sequence, RawLogits logits, IReadOnlyList<int> generated)
    {
        const int shown = 10;
        Func<int, string> spelling = model.HasTokenizer ? id => TokenSpelling.Quoted(model.Tokenizer.TextOf(id)) : _ => "";
        ReportPrinter printer = new(terminal);
        for (int row = 0; row < logits.Rows; row++)
        {
            int position = sequence.Length - logits.Rows + row;
            printer.Table(
                $"After position {position} (token {sequence[position]} {spelling(sequence[position])})".Replace(" )", ")", StringComparison.Ordinal),
                ["token", "text", "logit", "probability"],
                logits.Top(row, shown).Select(top => (string[])[$"{top.Id}", spelling(top.Id), $"{top.Logit:0.0000}", $"{top.Probability:0.000000}"]));
        }

        if (generated.Count > 0) terminal.Output.WriteLine($"Greedy continuation: {string.Join(',', generated)}");
    }
}
