using System.CommandLine;
using System.Diagnostics;
using Caravan.Text;
using Caravan.Training;

namespace Caravan.Cli;

/// <summary>Learns a vocabulary from texts.</summary>
internal sealed class DataTokenizerVerb : Verb
{
    private static readonly string[] UsualSpecial = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
    private static readonly string[] UsualAdded = ["<tool_call>", "</tool_call>"];

    private readonly Argument<string[]> files = new("FILES")
    {
        Description = "Texts or samples in any format that training reads; conversations are written by the chat template.", Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<int?> vocabulary = Flag.Number<int>("--vocabulary", "N", "How many tokens there are to be (default 4096).");
    private readonly Option<string?> output = Flag.Text("--output", "FOLDER", "Where tokenizer.json and tokenizer_config.json are written.");
    private readonly Option<string[]> special = Flag.Texts("--special", "TOKEN", $"A control token; may be repeated, the first ends a text and fills up batches (default {string.Join(", ", UsualSpecial)}).");
    private readonly Option<string?> preTokenizer = Flag.Text("--pre-tokenizer", "NAME", "How text is cut before pairs are counted, by llama.cpp's names (default smollm, where every digit is a token).");
    private readonly Option<string?> template = Flag.Text("--template", "NAME", "The chat template that goes with it: a built-in one, or a file in the Jinja language (default caravan).");
    private readonly Option<long?> minimum = Flag.Number<long>("--minimum-frequency", "N", "A pair seen less often does not become a token (default 2).");

    public override string? Group => "data";

    public override string Name => "tokenizer";

    public override string Summary => "Learn a tokenizer from texts: byte-level byte-pair encoding.";

    public override string Example => "caravan data tokenizer train.jsonl --vocabulary 4096 --output ./my-model";

    protected override IEnumerable<Symbol> Symbols => [files, vocabulary, output, special, preTokenizer, template, minimum];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        string folder = parsed.GetValue(output) ?? throw new UsageException("Say with --output FOLDER where the tokenizer is to be written.");
        string[] control = parsed.GetValue(special) is { Length: > 0 } given ? given : UsualSpecial;
        BytePairTraining training = new()
        {
            VocabularySize = parsed.GetValue(vocabulary) ?? 4096,
            SpecialTokens = control,
            AddedTokens = UsualAdded,
            EosToken = control[0],
            PadToken = control[0],
            MinimumFrequency = parsed.GetValue(minimum) ?? 2,
            ChatTemplate = TemplateOf(parsed.GetValue(template) ?? "caravan"),
        };
        if (parsed.GetValue(preTokenizer) is { } name) training = training with { PreTokenizer = name };
        training.Check();
        LearningTexts texts = new(new SampleFiles(parsed.GetRequiredValue(files)), ChatTemplate.Parse(training.ChatTemplate));
        using InterruptScope work = terminal.Interrupts.Begin();
        long start = Stopwatch.GetTimestamp();
        Tokenizer learnt = terminal.Watch<BytePairProgress, Tokenizer>(
            "Learning", value => (value.Tokens, value.Wanted), progress => BytePairTrainer.Train(texts.Read(work.Token), training, progress, work.Token));
        learnt.SaveTo(folder);
        Report(parsed, terminal, folder, learnt, texts, Stopwatch.GetElapsedTime(start));
        return ExitCode.Success;
    }

    private void Report(ParseResult parsed, Terminal terminal, string folder, Tokenizer learnt, LearningTexts texts, TimeSpan elapsed)
    {
        if (!parsed.GetValue(Json))
        {
            terminal.Output.WriteLine(
                $"Wrote '{folder}': {Quantity.Of(learnt.VocabularySize, "token")} from {Quantity.Of(texts.Count, "text")} of {Quantity.Bytes(texts.Bytes)}, in {Quantity.Time(elapsed)}.");
            return;
        }

        terminal.WriteJson(document =>
        {
            document.WriteString("output", folder);
            document.WriteNumber("vocabulary", learnt.VocabularySize);
            document.WriteNumber("texts", texts.Count);
            document.WriteNumber("bytes", texts.Bytes);
            document.WriteNumber("elapsed_seconds", elapsed.TotalSeconds);
        });
    }

    private static string TemplateOf(string nameOrFile)
    {
        if (BuiltInTemplates.Find(nameOrFile) is { } known) return known.Source;
        if (File.Exists(nameOrFile)) return TextFlags.ReadFile(nameOrFile);
        string[] names = [.. BuiltInTemplates.All.Select(each => each.Name)];
        throw new CaravanException($"There is neither a built-in chat template '{nameOrFile}' nor a file of that name.{Suggestion.DidYouMean(nameOrFile, names)}");
    }
}
