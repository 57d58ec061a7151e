using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Formats;
using Caravan.Inference;
using Caravan.Models;
using Caravan.Text;

namespace Caravan.Cli;

/// <summary>Continues a text.</summary>
internal sealed class GenerateVerb : Verb
{
    private readonly ModelFlags models = new(embedded: true);
    private readonly TextFlags prompts = new("--prompt", "--prompt-file", exact: false);
    private readonly Option<string[]> images = Flag.Texts("--image", "FILE", "A PNG or JPEG picture, for a model that sees; may be given several times.");
    private readonly SamplingFlags sampling = new(maxTokens: 64);
    private readonly Option<int?> logProbabilities = Flag.Number<int>("--logprobs", "N", "With --json: log-probabilities, with the N most probable tokens at each place.");
    private readonly Option<bool> echo = Flag.Switch("--echo", "Print the prompt before its continuation.");
    private readonly Option<bool> parseSpecial = Flag.Switch("--parse-special", "Read control tokens spelled out in the prompt as those tokens.");
    private readonly Option<bool> asChat = Flag.Switch("--chat", "Ask the prompt as a question, written by the model's chat template.");
    private readonly ChatFlags chat = new();
    private readonly Option<bool> noSpecial = Flag.Switch("--no-special", "Do not put the beginning-of-text token before the prompt.");

    public override string Name => "generate";

    public override string Summary => "Continue a text; prints the continuation as it comes.";

    public override string Example => "caravan generate --chat --prompt \"What is 345 + 278?\"\ncaravan generate --model stories260K.bin --prompt \"Once upon a time\" --max-tokens 100 --temperature 0.8 --top-p 0.9";

    protected override IEnumerable<Symbol> Symbols =>
        [.. models.Place, models.Adapter, .. prompts.Symbols, images, .. sampling.Symbols, asChat, .. chat.Symbols, echo, logProbabilities, parseSpecial, noSpecial, .. models.Loading, .. models.Running];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        bool json = parsed.GetValue(Json);
        _ = models.PathOf(parsed);
        TextRequest request = Request(parsed, prompts.Read(parsed, terminal));
        using InterruptScope work = terminal.Interrupts.Begin();
        using Model model = models.Load(parsed);
        request = request with { Adapter = models.AdapterOf(parsed, model) };
        if (parsed.GetValue(asChat)) request = AsChat(parsed, terminal, model, request);
        using Engine engine = models.Engine(parsed, model);
        ShownText stream = new(json ? null : terminal.Output, skipsBlanks: parsed.GetValue(asChat) && !parsed.GetValue(echo));
        if (parsed.GetValue(echo)) stream.Show(request.Prompt);
        TextGeneration generation = TextGeneration.Run(engine, request, stream.Receive, work.Token);
        if (json) terminal.WriteJson(document => Write(document, model, request, generation, stream));
        else if (terminal.OutputIsTerminal && stream.IsInLine) terminal.Output.WriteLine();
        terminal.Output.Flush();
        if (parsed.GetValue(Verbose) || (terminal.ErrorIsTerminal && !json)) terminal.PrintSpeed(generation.Tokens);
        return generation.Tokens.FinishReason == FinishReason.Cancelled ? terminal.Interrupts.ExitCode : ExitCode.Success;
    }

    private TextRequest Request(ParseResult parsed, string prompt)
    {
        int alternatives = parsed.GetValue(logProbabilities) ?? 0;
        if (parsed.GetResult(logProbabilities) is not null && !parsed.GetValue(Json))
            throw new UsageException("--logprobs has no place in plain text; give --json too.");
        if (!parsed.GetValue(asChat) && chat.AreGiven(parsed)) throw new UsageException("--system and --template are for conversations; give --chat too.");
        if (parsed.GetValue(asChat) && parsed.GetValue(noSpecial)) throw new UsageException("--no-special has no place beside --chat: the template says how the text begins.");
        TextRequest request = sampling.Read(parsed, prompt, models.TemperatureOf(parsed));
        SamplingOptions options = request.Sampling with { LogProbs = alternatives };
        options.Validate();
        return request with { Images = [.. (parsed.GetValue(images) ?? []).Select(Picture.Load)], Sampling = options, AddSpecial = !parsed.GetValue(noSpecial), ParseSpecial = parsed.GetValue(parseSpecial) };
    }

    /// <summary>The same request with the prompt as a question to the model.</summary>
    private TextRequest AsChat(ParseResult parsed, Terminal terminal, Model model, TextRequest request)
    {
        ChatFormat format = chat.Format(parsed, model);
        if (format.IsAssumed || parsed.GetValue(Verbose)) terminal.Error.WriteLine($"[by {format.Origin}]");
        JsonArray messages = [ConversationFile.Message("user", request.Prompt)];
        if (chat.System(parsed) is { } system) messages.Insert(0, ConversationFile.Message("system", system));
        return request with
        {
            Encoded = format.Encode(messages, request.ParseSpecial),
            StopTokens = format.StopTokens,
            StopStrings = [.. request.StopStrings, .. format.StopStrings],
        };
    }

    private void Write(Utf8JsonWriter document, Model model, TextRequest request, TextGeneration generation, ShownText stream)
    {
        document.WriteString("model", model.Path);
        document.WriteString("prompt", request.Prompt);
        document.WriteString("text", stream.Text);
        document.WriteIntegers("tokens", generation.Tokens.Tokens);
        document.WriteString("finish_reason", Speed.NameOf(generation.Tokens.FinishReason));
        document.WriteString("stop", generation.StopString);
        document.WriteNumber("seed", request.Sampling.Seed!.Value);
        document.WriteSpeed(generation.Tokens);
        if (request.Sampling.LogProbs == 0) return;
        document.WriteStartArray("logprobs");
        foreach ((GeneratedToken token, TokenLogProbability[] alternatives) in stream.Tokens)
        {
            document.WriteStartObject();
            WriteToken(document, TextOf(token.Id), token.Id, token.LogProbability);
            document.WriteStartArray("top");
            foreach (TokenLogProbability alternative in alternatives)
            {
                document.WriteStartObject();
                WriteToken(document, TextOf(alternative.Id), alternative.Id, alternative.LogProbability);
                document.WriteEndObject();
            }

            document.WriteEndArray();
            document.WriteEndObject();
        }

        document.WriteEndArray();

        string TextOf(int id) => generation.Tokens.Parts?.TextOf(id) ?? model.Tokenizer.TextOf(id);
    }

    private static void WriteToken(Utf8JsonWriter document, string text, int id, float logProbability)
    {
        document.WriteNumber("id", id);
        document.WriteString("text", text);
        document.WriteOptional("logprob", logProbability);
    }
}
