using System.CommandLine;
using System.Text.Json;
using Caravan.Text;

namespace Caravan.Cli;

/// <summary>Shows the tokens of a text.</summary>
internal sealed class TokenizeVerb : Verb
{
    private readonly ModelFlags models = new();
    private readonly TextFlags texts = new("--text", "--file", exact: true);
    private readonly Option<bool> noSpecial = Flag.Switch("--no-special", "Leave out the special tokens that the model expects around a text.");
    private readonly Option<bool> parseSpecial = Flag.Switch("--parse-special", "Read control tokens spelled out in the text as those tokens.");
    private readonly Option<bool> idsOnly = Flag.Switch("--ids", "Print the numbers only, on one line.");
    private readonly Option<string?> offsets = Flag.Text("--offsets", "utf16|codepoints|bytes", "What start and end count: UTF-16 units (default), Unicode code points, or bytes of UTF-8.");

    public override string Name => "tokenize";

    public override string Summary => "Show the tokens of a text and where in the text each stands.";

    public override string Example =>
        "caravan tokenize --model stories260K.bin --text \"Once upon a time\"\ncaravan tokenize --tokenizer tokenizer.json --file story.txt --ids | caravan detokenize --tokenizer tokenizer.json";

    protected override IEnumerable<Symbol> Symbols => [.. models.Place, models.Tokenizer, .. texts.Symbols, noSpecial, parseSpecial, idsOnly, offsets];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        OffsetUnit unit = OffsetUnit.Parse(parsed.GetValue(offsets));
        TokenizerSource source = TokenizerSource.Of(models, parsed);
        string text = texts.Read(parsed, terminal);
        Tokenizer tokenizer = source.Open();
        TextToken[] tokens = tokenizer.EncodeWithOffsets(text, addSpecial: !parsed.GetValue(noSpecial), parseSpecial: parsed.GetValue(parseSpecial));
        Func<int, int> place = unit.PlacesIn(text);
        if (parsed.GetValue(Json)) terminal.WriteJson(document => Write(document, tokenizer, tokens, unit, place));
        else if (parsed.GetValue(idsOnly)) terminal.Output.WriteLine(string.Join(' ', tokens.Select(token => token.Id)));
        else Print(terminal, tokenizer, tokens, place);
        return ExitCode.Success;
    }

    private static void Write(Utf8JsonWriter document, Tokenizer tokenizer, TextToken[] tokens, OffsetUnit unit, Func<int, int> place)
    {
        document.WriteStartArray("tokens");
        foreach (TextToken token in tokens)
        {
            document.WriteStartObject();
            document.WriteNumber("id", token.Id);
            document.WriteString("text", tokenizer.TextOf(token.Id));
            document.WriteString("piece", token.Piece);
            document.WriteNumber("start", place(token.Start));
            document.WriteNumber("end", place(token.End));
            document.WriteEndObject();
        }

        document.WriteEndArray();
        document.WriteString("offsets", unit.Name);
    }

    private static void Print(Terminal terminal, Tokenizer tokenizer, TextToken[] tokens, Func<int, int> place)
    {
        new ReportPrinter(terminal).Table(
            Quantity.Of(tokens.Length, "token"),
            ["token", "text", "start", "end"],
            tokens.Select(token => (string[])[$"{token.Id}", TokenSpelling.Quoted(tokenizer.TextOf(token.Id)), $"{place(token.Start)}", $"{place(token.End)}"]));
    }
}
