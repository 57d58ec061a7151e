using Caravan.Models;
using Caravan.Text;

namespace Caravan.Inference;

/// <summary>Text in, text out, over an engine's tokens: encodes the prompt, decodes the stream, watches for stop strings.</summary>
public sealed class TextGeneration
{
    private readonly StreamingDecoder decoder;
    private readonly StopStrings stops;
    private readonly TextReceiver receiver;
    private readonly int[] ends;

    private TextGeneration(Engine engine, TextRequest request, TextReceiver receiver)
    {
        this.receiver = receiver;
        Tokenizer tokenizer = engine.Model.Tokenizer;
        stops = new StopStrings(request.StopStrings);
        EncodedPrompt encoded = Encoded(tokenizer, request);
        int[] prompt = encoded.Tokens;
        // Pieces that only make sense after others (a blank, half a character) come out right behind the end of the prompt.
        decoder = new StreamingDecoder(tokenizer, continues: TextJoin.Continues(engine.Model, prompt)) { Shown = request.ShownTokens };
        ends = request.IgnoreEnd ? [] : [.. tokenizer.EndOfGenerationIds, .. request.StopTokens];
        Sequence sequence = engine.Prepare(
            new GenerationRequest
            {
                Prompt = WithImages(engine.Model, prompt, request.Images.Count),
                Structured = encoded.Structured,
                Adapter = engine.Model.SlotOf(request.Adapter),
                Images = request.Images,
                Sampling = request.Sampling,
                MaxTokens = request.MaxTokens,
                Priority = request.Priority,
                Client = request.Client,
                Timeout = request.Timeout,
                StopTokens = ends,
            },
            Receive);
        // Before the first token, which another thread may bring.
        Tokens = sequence.Generation;
        engine.Enqueue(sequence);
    }

    /// <summary>The tokens behind the text, how it ended and how fast it went.</summary>
    public Generation Tokens { get; }

    /// <summary>The stop string that ended the text, or null.</summary>
    public string? StopString => stops.Matched;

    /// <summary>Puts a request in the engine's queue; whoever steps the engine calls <see cref="Finish"/> when the tokens have ended.</summary>
    /// <exception cref="CaravanException">The model has no tokenizer, or the request is out of range.</exception>
    public static TextGeneration Submit(Engine engine, TextRequest request, TextReceiver receiver) => new(engine, request, receiver);

    /// <summary>Submits a request and steps the engine until it has ended.</summary>
    /// <exception cref="CaravanException">The request was refused, or the model gave no usable numbers.</exception>
    public static TextGeneration Run(Engine engine, TextRequest request, TextReceiver receiver, CancellationToken cancellation = default)
    {
        TextGeneration text = Submit(engine, request, receiver);
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(state => ((Generation)state!).Cancel(), text.Tokens);
        while (text.Tokens.FinishReason is null) engine.Step();
        text.Finish();
        return text;
    }

    /// <summary>Hands out what was still undecided when the tokens ended.</summary>
    /// <exception cref="CaravanException">The model gave no usable numbers.</exception>
    public void Finish()
    {
        if (Tokens.Failure is not null) throw Tokens.Failure;
        ReadOnlySpan<char> rest = stops.Push(decoder.Flush());
        if (rest.Length > 0) receiver(rest, null, default);
        rest = stops.Matched is null ? stops.Flush() : default;
        if (rest.Length > 0) receiver(rest, null, default);
    }

    /// <summary>A prompt without image tokens gets one for each image, behind the token that begins a text.</summary>
    private static int[] WithImages(Model model, int[] prompt, int images)
    {
        if (images == 0 || model.VisionLanguage?.Images.Token is not { } token || prompt.Contains(token)) return prompt;
        int start = prompt[0] == model.Tokenizer.BosId ? 1 : 0;
        return [.. prompt[..start], .. Enumerable.Repeat(token, images), .. prompt[start..]];
    }

    private static EncodedPrompt Encoded(Tokenizer tokenizer, TextRequest request)
    {
        if (request.Encoded is { Tokens.Length: > 0 } encoded) return encoded;
        EncodedPrompt prompt = tokenizer.EncodePrompt(request.Prompt, request.AddSpecial, request.ParseSpecial);
        if (prompt.Tokens.Length > 0) return prompt;
        return tokenizer.BosId is { } bos
            ? new([bos])
            : throw new CaravanException("The prompt is empty, and this model has no token that begins a text; give some text.");
    }

    private bool Receive(in GeneratedToken token, ReadOnlySpan<TokenLogProbability> alternatives)
    {
        receiver(stops.Push(TextOf(token.Id)), token, alternatives);
        return stops.Matched is null;
    }

    /// <summary>What a token adds to the text; answers stand on lines of their own.</summary>
    private ReadOnlySpan<char> TextOf(int token)
    {
        if (Tokens.Parts is not { } parts) return decoder.Append(token);
        return ends.Contains(token) ? "\n" : parts.TextOf(token) ?? decoder.Append(token);
    }
}
