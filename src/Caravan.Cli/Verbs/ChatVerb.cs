using System.CommandLine;
using System.Text.Json;
using Caravan.Inference;
using Caravan.Models;

namespace Caravan.Cli;

/// <summary>Answers turn by turn, by plain completion of a transcript: what the model's chat template says is not applied.</summary>
internal sealed class ChatVerb : Verb
{
    private readonly ModelFlags models = new();
    private readonly Option<string?> system = Flag.Text("--system", "TEXT", "What stands above the transcript.");
    private readonly SamplingFlags sampling = new(maxTokens: 512);

    public override string Name => "chat";

    public override string Summary => "Talk with a model, by plain completion of a transcript (chat templates are not applied yet).";

    public override string Notes =>
        "The model continues 'User: … Assistant: …'. /clear forgets everything, /quit leaves; Ctrl-C stops an answer, a second one leaves.\n" +
        "Piped input is one turn a line. Turns that no longer fit the context are left out, the oldest first.";

    public override string Example => "caravan chat --model mistral-7b-q4_k.gguf --system \"A helpful assistant answers questions.\" --temperature 0.7";

    protected override IEnumerable<Symbol> Symbols => [.. models.Place, system, .. sampling.Symbols, .. models.Loading, .. models.Running];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        bool json = parsed.GetValue(Json);
        _ = models.PathOf(parsed);
        TextRequest request = sampling.Read(parsed, "");
        using Model model = models.Load(parsed);
        using Engine engine = models.Engine(parsed, model);
        ChatSession session = new(engine, request, parsed.GetValue(system), json ? null : terminal.Output);
        bool watched = !json && terminal is { InputIsTerminal: true, OutputIsTerminal: true };
        if (watched) terminal.Error.WriteLine("Plain completion of a transcript; the model's chat template is not applied yet. /clear forgets, /quit leaves.");
        int exitCode = Converse(parsed, terminal, session, watched);
        if (json) terminal.WriteJson(document => Write(document, model, session));
        return exitCode;
    }

    private int Converse(ParseResult parsed, Terminal terminal, ChatSession session, bool watched)
    {
        while (true)
        {
            if (watched) Show(terminal, ChatSession.UserName + " ");
            string? line = terminal.Input.ReadLine();
            if (watched && line is null) terminal.Output.WriteLine();
            if (line is null or "/quit") return ExitCode.Success;
            if (string.IsNullOrWhiteSpace(line)) continue;
            if (line == "/clear")
            {
                session.Clear();
                continue;
            }

            if (watched) Show(terminal, ChatSession.AssistantName);
            bool ended = Answer(parsed, terminal, session, line, watched);
            if (!ended && (terminal.Interrupts.IsTerminating || !terminal.InputIsTerminal)) return terminal.Interrupts.ExitCode;
        }
    }

    /// <summary>One turn; false when it was interrupted.</summary>
    private bool Answer(ParseResult parsed, Terminal terminal, ChatSession session, string line, bool watched)
    {
        using InterruptScope work = terminal.Interrupts.Begin();
        try
        {
            ChatTurn turn = session.Answer(line, work.Token);
            if (!parsed.GetValue(Json)) terminal.Output.WriteLine();
            terminal.Output.Flush();
            if (turn.Forgotten > 0)
                terminal.Error.WriteLine($"[left out to fit the context: the {(turn.Forgotten == 1 ? "" : $"{turn.Forgotten} ")}oldest turn{(turn.Forgotten == 1 ? "" : "s")}]");
            if (parsed.GetValue(Verbose) || (terminal.ErrorIsTerminal && watched)) terminal.PrintSpeed(turn.Tokens);
            return turn.Tokens.FinishReason != FinishReason.Cancelled;
        }
        catch (CaravanException exception) when (watched)
        {
            // One turn that cannot be answered (too long, say) is no reason to lose the conversation.
            terminal.Output.WriteLine();
            terminal.Output.Flush();
            terminal.Error.WriteLine($"caravan: {exception.Message}");
            return true;
        }
    }

    private static void Show(Terminal terminal, string text)
    {
        terminal.Output.Write(text);
        terminal.Output.Flush();
    }

    private static void Write(Utf8JsonWriter document, Model model, ChatSession session)
    {
        document.WriteString("model", model.Path);
        document.WriteStartArray("turns");
        foreach (ChatTurn turn in session.Turns)
        {
            document.WriteStartObject();
            document.WriteString("user", turn.User);
            document.WriteString("assistant", turn.Assistant.Trim());
            document.WriteString("finish_reason", Speed.NameOf(turn.Tokens.FinishReason));
            document.WriteSpeed(turn.Tokens);
            document.WriteEndObject();
        }

        document.WriteEndArray();
    }
}
