using System.Collections.Frozen;
using Caravan.Formats;

namespace Caravan.Text;

/// <summary>
/// Turns text into a model's tokens and back. Reads every usual file form, and may be used by many threads at once.
/// </summary>
/// <remarks>
/// Text is a .NET string; unpaired surrogates count as U+FFFD. Results follow Hugging Face tokenizers where a model's own files say how it
/// cuts text, and llama.cpp where only GGUF metadata is there.
/// </remarks>
public sealed class Tokenizer
{
    private readonly TokenizerPipeline pipeline;
    private readonly FrozenSet<int> endIds;
    private readonly Lazy<Dictionary<string, int>> idsByText;
    private TokenizerPipeline.Workspace? spare;

    internal Tokenizer(TokenizerDefinition definition, IReadOnlyList<string>? warnings = null)
    {
        if (definition.Pieces.Length == 0)
            throw new CaravanException($"'{definition.Source}' holds a vocabulary of no tokens; download the file again.");
        DefinitionChecks.Check(definition);
        Definition = definition;
        Warnings = warnings ?? [];
        pipeline = new TokenizerPipeline(definition);
        DecodeTable = new DecodeTable(definition);
        endIds = EndTokens.Find(definition).ToFrozenSet();
        idsByText = new Lazy<Dictionary<string, int>>(definition.IdsByText);
        if (definition.Structured) Structured = new StructuredEncoder(this);
        ChatTemplates = definition.NamedTemplates.ToDictionary(pair => pair.Name, pair => pair.Template, StringComparer.Ordinal);
    }

    internal TokenizerDefinition Definition { get; }

    internal DecodeTable DecodeTable { get; }

    /// <summary>The number of tokens; ids run from 0 to one below.</summary>
    public int VocabularySize => Definition.Pieces.Length;

    /// <summary>Reads prompts that are objects of texts; null for models that just continue text.</summary>
    internal StructuredEncoder? Structured { get; }

    /// <summary>How it cuts words, for people: <c>byte-pair encoding</c>, <c>unigram</c>.</summary>
    internal string Kind => Definition.Model switch
    {
        ModelKind.BytePair => "byte-pair encoding",
        ModelKind.ScoredPair => "SentencePiece byte-pair encoding",
        ModelKind.Unigram => "unigram",
        ModelKind.WordPiece => "WordPiece",
        ModelKind.WordLevel => "whole words",
        _ => "longest match",
    };

    /// <summary>The beginning-of-text token.</summary>
    public int? BosId => Definition.BosId;

    /// <summary>The end-of-text token.</summary>
    public int? EosId => Definition.EosId;

    /// <summary>The token that stands for what the vocabulary lacks.</summary>
    public int? UnknownId => Definition.UnknownId;

    /// <summary>The padding token.</summary>
    public int? PadId => Definition.PadId;

    /// <summary>The separator token (BERT's [SEP]).</summary>
    public int? SeparatorId => Definition.SeparatorId;

    /// <summary>The mask token.</summary>
    public int? MaskId => Definition.MaskId;

    /// <summary>All tokens at which generation ends: end of text, end of turn, end of message.</summary>
    public IReadOnlySet<int> EndOfGenerationIds => endIds;

    /// <summary>Whether encoding with special tokens puts <see cref="BosId"/> first.</summary>
    public bool AddsBos => BosId is { } bos && Definition.Before.Contains(bos);

    /// <summary>Whether encoding with special tokens puts <see cref="EosId"/> last.</summary>
    public bool AddsEos => EosId is { } eos && Definition.After.Contains(eos);

    /// <summary>The chat template as its file spells it, or null.</summary>
    public string? ChatTemplate => Definition.ChatTemplate;

    /// <summary>Chat templates for special purposes (<c>tool_use</c>, <c>rag</c>) by name.</summary>
    public IReadOnlyDictionary<string, string> ChatTemplates { get; }

    /// <summary>What was guessed on reading because the file did not say; to be shown to the user.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>
    /// Reads a tokenizer from a file (tokenizer.json, tokenizer.model, vocab.json, vocab.txt, llama2.c's tokenizer.bin, a GGUF file), told
    /// apart by content, or from a model's folder, where tokenizer_config.json and its like are read too.
    /// </summary>
    /// <exception cref="CaravanException">The path holds no tokenizer, or a broken one.</exception>
    public static Tokenizer Load(string path) => TokenizerFiles.Load(path);

    /// <summary>Reads a tokenizer from the metadata of a GGUF file.</summary>
    /// <exception cref="CaravanException">The metadata holds no vocabulary, or a broken one.</exception>
    internal static Tokenizer FromGguf(GgufMetadata metadata) => GgufVocabulary.Read(metadata, "GGUF metadata");

    /// <summary>The tokens of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addSpecial">Whether the special tokens the model expects around a text (bos, eos, [CLS]) are added.</param>
    /// <param name="parseSpecial">Whether control tokens spelled out in the text become those tokens; false for text from strangers.</param>
    /// <exception cref="CaravanException">A pattern of the tokenizer's own file runs without bound on this text.</exception>
    public int[] Encode(string text, bool addSpecial = true, bool parseSpecial = false)
    {
        TokenizerPipeline.Workspace work = Run(text, addSpecial, parseSpecial, wantsOffsets: false);
        int[] ids = [.. work.Sink.Ids];
        Interlocked.Exchange(ref spare, work);
        return ids;
    }

    /// <summary>A text as the prompt of a model: for one whose prompts are objects of texts such an object, unless nothing is to be added.</summary>
    /// <exception cref="CaravanException">The text is a broken object.</exception>
    internal EncodedPrompt EncodePrompt(string text, bool addSpecial, bool parseSpecial) =>
        Structured is { } structured && addSpecial ? structured.Encode(text, parseSpecial) : new EncodedPrompt(Encode(text, addSpecial, parseSpecial));

    /// <summary>The tokens of a text in which control tokens spelled out become those tokens, but not at these places.</summary>
    internal int[] EncodeTemplate(string text, IReadOnlySet<int> plainPlaces)
    {
        TokenizerPipeline.Workspace work = Run(text, addSpecial: false, parseSpecial: true, wantsOffsets: false, plainPlaces);
        int[] ids = [.. work.Sink.Ids];
        Interlocked.Exchange(ref spare, work);
        return ids;
    }

    /// <summary>The tokens of a text together with the part of the text each stands for; see <see cref="Encode(string, bool, bool)"/>.</summary>
    /// <remarks>Tokens that split a character all cover the whole of it.</remarks>
    public TextToken[] EncodeWithOffsets(string text, bool addSpecial = true, bool parseSpecial = false) =>
        WithOffsets(Run(text, addSpecial, parseSpecial, wantsOffsets: true));

    /// <summary>The tokens of <see cref="EncodeTemplate"/> together with the part of the text each stands for.</summary>
    internal TextToken[] EncodeTemplateWithOffsets(string text, IReadOnlySet<int> plainPlaces) =>
        WithOffsets(Run(text, addSpecial: false, parseSpecial: true, wantsOffsets: true, plainPlaces));

    /// <summary>The text of tokens; bytes that form no character become U+FFFD, ids outside the vocabulary nothing.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = true)
    {
        StreamingDecoder decoder = new(this, skipSpecial);
        System.Text.StringBuilder text = new();
        foreach (int id in ids) text.Append(decoder.Append(id));
        return text.Append(decoder.Flush()).ToString();
    }

    /// <summary>The bytes a token contributes in the middle of a text, perhaps only part of a character; empty for an id outside the vocabulary.</summary>
    public ReadOnlySpan<byte> TokenBytes(int id) => DecodeTable.Bytes(id);

    /// <summary>The vocabulary's spelling of a token; empty for an id outside the vocabulary.</summary>
    public string TokenText(int id) => (uint)id < (uint)Definition.Pieces.Length ? Definition.Pieces[id].Text : "";

    /// <summary>The token with this spelling, or null.</summary>
    public int? TokenToId(string piece) => idsByText.Value.TryGetValue(piece, out int id) ? id : null;

    /// <summary>Whether a token is a control token, which decoded text leaves out.</summary>
    public bool IsSpecial(int id) => DecodeTable.IsSpecial(id);

    /// <summary>Adds the keys <c>tokenizer.*</c> from which <see cref="FromGguf"/> makes the same tokenizer.</summary>
    internal void WriteTo(GgufMetadata metadata) => GgufVocabularyWriter.Write(Definition, metadata);

    /// <summary>Writes a Hugging Face folder's <c>tokenizer.json</c> and <c>tokenizer_config.json</c> for the same tokenizer.</summary>
    public void SaveTo(string folder) => TokenizerJsonWriter.Save(Definition, folder);

    private TextToken[] WithOffsets(TokenizerPipeline.Workspace work)
    {
        TextToken[] tokens = new TextToken[work.Sink.Ids.Count];
        for (int i = 0; i < tokens.Length; i++)
        {
            int id = work.Sink.Ids[i];
            tokens[i] = new TextToken(id, TokenText(id), work.Sink.Offsets[i].Start, work.Sink.Offsets[i].End);
        }

        Interlocked.Exchange(ref spare, work);
        return tokens;
    }

    private TokenizerPipeline.Workspace Run(string text, bool addSpecial, bool parseSpecial, bool wantsOffsets, IReadOnlySet<int>? plainPlaces = null)
    {
        TokenizerPipeline.Workspace work = Interlocked.Exchange(ref spare, null) ?? new TokenizerPipeline.Workspace();
        work.Sink.Reset(wantsOffsets);
        work.Plain = plainPlaces;
        if (addSpecial)
            foreach (int id in Definition.Before) work.Sink.AddAt(id, 0, 0);
        pipeline.Encode(text, parseSpecial, work);
        if (addSpecial)
            foreach (int id in Definition.After) work.Sink.AddAt(id, text.Length, text.Length);
        return work;
    }
}
