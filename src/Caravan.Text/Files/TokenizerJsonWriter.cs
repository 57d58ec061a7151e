using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Caravan.Formats;

namespace Caravan.Text;

/// <summary>Writes any definition as a Hugging Face tokenizer.json.</summary>
internal static class TokenizerJsonWriter
{
    /// <summary>Writes tokenizer.json and tokenizer_config.json into a folder.</summary>
    /// <exception cref="CaravanException">The model cannot be said in a tokenizer.json, or a file cannot be written.</exception>
    public static void Save(TokenizerDefinition definition, string folder)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.Write(Path.Combine(folder, "tokenizer.json"), Write(definition, indented: true));
        AtomicFile.Write(Path.Combine(folder, "tokenizer_config.json"), Config(definition));
    }

    /// <summary>The bytes of a tokenizer.json.</summary>
    /// <exception cref="CaravanException">The model cannot be said in a tokenizer.json.</exception>
    public static byte[] Write(TokenizerDefinition definition, bool indented)
    {
        if (definition.Model == ModelKind.LongestMatch)
            throw new CaravanException(
                $"'{definition.Source}' holds {(definition.Structured ? "a" : "RWKV's")} longest-match vocabulary, which a tokenizer.json cannot say; {(definition.Structured ? "keep its vocab.txt" : "write GGUF instead")}.");
        return Json(indented, writer =>
        {
            writer.WriteString("version", "1.0");
            writer.WriteNull("truncation");
            writer.WriteNull("padding");
            WriteAdded(writer, definition);
            WriteSteps(writer, definition);
            writer.WriteStartObject("model");
            WriteModel(writer, definition);
            writer.WriteEndObject();
        });
    }

    /// <summary>All but the vocabulary, as text: equal for definitions that treat text alike.</summary>
    public static string Steps(TokenizerDefinition definition) => Encoding.UTF8.GetString(Json(indented: false, writer =>
    {
        writer.WriteString("kind", definition.Model.ToString());
        writer.WriteBoolean("ignore_merges", definition.IgnoreMerges);
        writer.WriteBoolean("byte_fallback", definition.ByteFallback);
        writer.WriteBoolean("unk", definition.EmitsUnknown && definition.UnknownId is not null && !definition.ByteFallback);
        writer.WriteBoolean("fuse_unk", definition.FuseUnknown && definition.EmitsUnknown && definition.UnknownId is not null && !definition.ByteFallback);
        writer.WriteString("affixes", $"{definition.SubwordPrefix} {definition.WordSuffix} {definition.MaximumWordLength} {definition.MergesUnknown}");
        WriteAdded(writer, definition);
        WriteSteps(writer, definition);
    }));

    private static byte[] Json(bool indented, Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteAdded(Utf8JsonWriter writer, TokenizerDefinition definition)
    {
        writer.WriteStartArray("added_tokens");
        foreach (AddedToken token in definition.Added.OrderBy(token => token.Id))
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", token.Id);
            writer.WriteString("content", token.Content);
            writer.WriteBoolean("single_word", token.SingleWord);
            writer.WriteBoolean("lstrip", token.StripLeft);
            writer.WriteBoolean("rstrip", token.StripRight);
            // Without a normalizer the two ways to look for a token are one; nor does any touch blanks that stand alone in NFC.
            bool same = definition.Normalizer is null || (definition.Normalizer is FormNormalizer { Form: UnicodeForm.Nfc } && token.Content.AsSpan().Trim(' ').IsEmpty);
            writer.WriteBoolean("normalized", token.Normalized && !same);
            writer.WriteBoolean("special", token.Special);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteSteps(Utf8JsonWriter writer, TokenizerDefinition definition)
    {
        writer.WritePropertyName("normalizer");
        if (definition.Normalizer is null) writer.WriteNullValue();
        else definition.Normalizer.WriteJson(writer);
        writer.WritePropertyName("pre_tokenizer");
        if (definition.PreTokenizer is null) writer.WriteNullValue();
        else definition.PreTokenizer.WriteJson(writer);
        writer.WritePropertyName("post_processor");
        PostProcessors.Write(writer, definition);
        writer.WritePropertyName("decoder");
        if (definition.Decoder is null) writer.WriteNullValue();
        else definition.Decoder.WriteJson(writer);
    }

    private static void WriteModel(Utf8JsonWriter writer, TokenizerDefinition definition)
    {
        string? unknown = definition.EmitsUnknown && definition.UnknownId is { } id ? definition.Pieces[id].Text : null;
        switch (definition.Model)
        {
            case ModelKind.Unigram:
                writer.WriteString("type", "Unigram");
                if (definition.UnknownId is { } unknownId) writer.WriteNumber("unk_id", unknownId);
                writer.WriteBoolean("byte_fallback", definition.ByteFallback);
                writer.WriteStartArray("vocab");
                foreach (Piece piece in definition.Pieces)
                {
                    writer.WriteStartArray();
                    writer.WriteStringValue(piece.Text);
                    writer.WriteNumberValue(piece.Score);
                    writer.WriteEndArray();
                }

                writer.WriteEndArray();
                return;
            case ModelKind.WordPiece:
                writer.WriteString("type", "WordPiece");
                writer.WriteString("unk_token", unknown);
                writer.WriteString("continuing_subword_prefix", definition.SubwordPrefix);
                writer.WriteNumber("max_input_chars_per_word", definition.MaximumWordLength);
                WriteVocabulary(writer, definition);
                return;
            case ModelKind.WordLevel:
                writer.WriteString("type", "WordLevel");
                WriteVocabulary(writer, definition);
                writer.WriteString("unk_token", unknown);
                return;
            default:
                WriteBytePair(writer, definition, unknown);
                return;
        }
    }

    private static void WriteBytePair(Utf8JsonWriter writer, TokenizerDefinition definition, string? unknown)
    {
        writer.WriteString("type", "BPE");
        writer.WriteNull("dropout");
        writer.WriteString("unk_token", unknown);
        if (definition.SubwordPrefix.Length > 0) writer.WriteString("continuing_subword_prefix", definition.SubwordPrefix);
        else writer.WriteNull("continuing_subword_prefix");
        if (definition.WordSuffix.Length > 0) writer.WriteString("end_of_word_suffix", definition.WordSuffix);
        else writer.WriteNull("end_of_word_suffix");
        writer.WriteBoolean("fuse_unk", definition.FuseUnknown);
        writer.WriteBoolean("byte_fallback", definition.ByteFallback);
        writer.WriteBoolean("ignore_merges", definition.IgnoreMerges);
        WriteVocabulary(writer, definition);
        writer.WriteStartArray("merges");
        foreach ((string left, string right) in definition.Model == ModelKind.ScoredPair ? ScoredMerges.From(definition) : definition.Merges)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(left);
            writer.WriteStringValue(right);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static void WriteVocabulary(Utf8JsonWriter writer, TokenizerDefinition definition)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        writer.WriteStartObject("vocab");
        for (int i = 0; i < definition.Pieces.Length; i++)
        {
            // Where a vocabulary has a text twice, only the first is ever found.
            string text = definition.Pieces[i].Text;
            writer.WriteNumber(seen.Add(text) ? text : $"[DUPLICATE{i}]", i);
        }

        writer.WriteEndObject();
    }

    private static byte[] Config(TokenizerDefinition definition) => Json(indented: true, writer =>
    {
        WriteToken(writer, "bos_token", definition.BosId, definition);
        WriteToken(writer, "eos_token", definition.EosId, definition);
        WriteToken(writer, "unk_token", definition.UnknownId, definition);
        WriteToken(writer, "pad_token", definition.PadId, definition);
        WriteToken(writer, "sep_token", definition.SeparatorId, definition);
        WriteToken(writer, "mask_token", definition.MaskId, definition);
        writer.WriteBoolean("clean_up_tokenization_spaces", false);
        writer.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        WriteTemplates(writer, definition);
    });

    private static void WriteTemplates(Utf8JsonWriter writer, TokenizerDefinition definition)
    {
        if (definition.NamedTemplates.Count == 0)
        {
            if (definition.ChatTemplate is not null) writer.WriteString("chat_template", definition.ChatTemplate);
            return;
        }

        writer.WriteStartArray("chat_template");
        IEnumerable<(string, string)> main = definition.ChatTemplate is null ? [] : [("default", definition.ChatTemplate)];
        foreach ((string name, string template) in main.Concat(definition.NamedTemplates))
        {
            writer.WriteStartObject();
            writer.WriteString("name", name);
            writer.WriteString("template", template);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteToken(Utf8JsonWriter writer, string key, int? id, TokenizerDefinition definition)
    {
        if (id is { } number) writer.WriteString(key, definition.Pieces[number].Text);
    }
}
