using System.CommandLine;
using System.Text.Json;
using Caravan.Inference;
using Caravan.Models;
using Caravan.Text;

namespace Caravan.Cli;

/// <summary>Answers turn by turn, in the words of the model's chat template.</summary>
internal sealed class ChatVerb : Verb
{
    private const string Prompt = "> ";

    private readonly ModelFlags models = new(embedded: true);
    private readonly ChatFlags chat = new();
    private readonly SamplingFlags sampling = new(maxTokens: 512);
    private readonly Option<bool> parseSpecial = Flag.Switch("--parse-special", "Read control tokens spelled out in questions as those tokens.");

    public override string Name => "chat";

    public override string Summary => "Talk with a model.";

    public override string Notes =>
        "The conversation is written by the model's own chat template, or by a built-in one that fits it; --template overrides.\n" +
        "/help lists what can be typed besides questions (/system /regenerate /undo /clear /save /load /quit). Ctrl-C stops an answer, a second one leaves.\n" +
        "Several lines: end a line with a backslash, or put them between two lines of \"\"\". Piped input is one turn a line.\n" +
        "Turns that no longer fit the context are left out, the oldest first; the system message stays.";

    public override string Example => "caravan chat\ncaravan chat --model mistral-7b-q4_k.gguf --system \"You are a helpful assistant.\" --temperature 0.7";

    protected override IEnumerable<Symbol> Symbols => [.. models.Place, models.Adapter, .. chat.Symbols, .. sampling.Symbols, parseSpecial, .. models.Loading, .. models.Running];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        bool json = parsed.GetValue(Json);
        _ = models.PathOf(parsed);
        TextRequest request = sampling.Read(parsed, "", models.TemperatureOf(parsed)) with { ParseSpecial = parsed.GetValue(parseSpecial) };
        using Model model = models.Load(parsed);
        request = request with { Adapter = models.AdapterOf(parsed, model) };
        ChatFormat format = chat.Format(parsed, model);
        using Engine engine = models.Engine(parsed, model);
        ChatSession session = new(engine, format, request, json ? null : terminal.Output) { System = chat.System(parsed) };
        bool watched = !json && terminal is { InputIsTerminal: true, OutputIsTerminal: true };
        if (watched) terminal.Error.WriteLine($"[{Path.GetFileName(Path.TrimEndingDirectorySeparator(model.Path))} by {format.Origin}; /help lists commands]");
        else if (format.IsAssumed || parsed.GetValue(Verbose)) terminal.Error.WriteLine($"[by {format.Origin}]");
        int exitCode = Converse(parsed, terminal, session, watched);
        if (json) terminal.WriteJson(document => Write(document, model, format, session));
        return exitCode;
    }

    private int Converse(ParseResult parsed, Terminal terminal, ChatSession session, bool watched)
    {
        ChatInputReader reader = new(terminal, watched);
        ChatCommands commands = new(session, terminal.Error);
        while (true)
        {
            string? line = reader.Read(Prompt);
            if (line is null) return ExitCode.Success;
            if (string.IsNullOrWhiteSpace(line)) continue;
            bool ended = true;
            try
            {
                ChatCommands.Outcome outcome = commands.Run(line);
                if (outcome == ChatCommands.Outcome.Quit) return ExitCode.Success;
                if (outcome == ChatCommands.Outcome.Ask) ended = Answer(parsed, terminal, cancellation => session.Answer(line, cancellation), watched);
                if (outcome == ChatCommands.Outcome.Regenerate) ended = Answer(parsed, terminal, cancellation => session.Regenerate(cancellation)!, watched);
            }
            catch (CaravanException exception) when (watched)
            {
                // One turn that cannot be answered (too long, say) is no reason to lose the conversation.
                terminal.Output.Flush();
                terminal.Error.WriteLine($"caravan: {exception.Message}");
            }

            if (!ended && (terminal.Interrupts.IsTerminating || !terminal.InputIsTerminal)) return terminal.Interrupts.ExitCode;
        }
    }

    /// <summary>One turn; false when it was interrupted.</summary>
    private bool Answer(ParseResult parsed, Terminal terminal, Func<CancellationToken, ChatTurn> answer, bool watched)
    {
        using InterruptScope work = terminal.Interrupts.Begin();
        ChatTurn turn = answer(work.Token);
        if (!parsed.GetValue(Json)) terminal.Output.WriteLine();
        terminal.Output.Flush();
        if (turn.Forgotten > 0)
            terminal.Error.WriteLine($"[left out to fit the context: the {(turn.Forgotten == 1 ? "" : $"{turn.Forgotten} ")}oldest turn{(turn.Forgotten == 1 ? "" : "s")}]");
        if (parsed.GetValue(Verbose) || (terminal.ErrorIsTerminal && watched)) terminal.PrintSpeed(turn.Tokens!);
        return turn.Tokens!.FinishReason != FinishReason.Cancelled;
    }

    private static void Write(Utf8JsonWriter document, Model model, ChatFormat format, ChatSession session)
    {
        document.WriteString("model", model.Path);
        document.WriteString("template", format.Name);
        document.WriteString("system", session.System);
        document.WriteStartArray("turns");
        foreach (ChatTurn turn in session.Turns.Where(turn => turn.Tokens is not null))
        {
            document.WriteStartObject();
            document.WriteString("user", turn.User);
            document.WriteString("assistant", turn.Assistant);
            document.WriteString("finish_reason", Speed.NameOf(turn.Tokens!.FinishReason));
            document.WriteSpeed(turn.Tokens);
            document.WriteEndObject();
        }

        document.WriteEndArray();
    }
}
