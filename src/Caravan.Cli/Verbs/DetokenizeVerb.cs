using System.CommandLine;
using Caravan.Text;

namespace Caravan.Cli;

/// <summary>Turns token numbers back into text.</summary>
internal sealed class DetokenizeVerb : Verb
{
    private readonly Argument<string[]> ids = new("IDS") { Description = "Token numbers; from standard input when there are none.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> model = Flag.Text("--model", "PATH", "The model whose tokens they are.");
    private readonly Option<string?> tokenizer = Flag.Text("--tokenizer", "PATH", "A tokenizer file or folder instead of the model's own.");
    private readonly Option<bool> keepSpecial = Flag.Switch("--keep-special", "Spell control tokens out instead of leaving them out.");

    public override string Name => "detokenize";

    public override string Summary => "Turn token numbers back into text.";

    public override string Example => "caravan detokenize --model stories260K.bin 1 403 407 261 378";

    protected override IEnumerable<Symbol> Symbols => [ids, model, tokenizer, keepSpecial];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        TokenizerSource source = new(parsed.ModelPath(parsed.GetValue(model)), parsed.ModelPath(parsed.GetValue(tokenizer)));
        if (source is { ModelPath: null, TokenizerPath: null }) throw new UsageException("Whose tokens they are was not said; use --model PATH or --tokenizer PATH.");
        string[] words = parsed.GetValue(ids) ?? [];
        if (words.Length == 0 && terminal.InputIsTerminal) throw new UsageException("No token numbers were given; write them behind the verb, or pipe them in.");
        string written = words.Length > 0 ? string.Join(' ', words) : terminal.Input.ReadToEnd();
        Tokenizer found = source.Open();
        int[] tokens = TokenList.Parse(written, found.VocabularySize);
        string text = found.Decode(tokens, skipSpecial: !parsed.GetValue(keepSpecial));
        if (parsed.GetValue(Json))
        {
            terminal.WriteJson(document =>
            {
                document.WriteString("text", text);
                document.WriteIntegers("tokens", tokens);
            });
        }
        else
        {
            terminal.Output.Write(text);
            if (terminal.OutputIsTerminal) terminal.Output.WriteLine();
        }

        return ExitCode.Success;
    }
}
