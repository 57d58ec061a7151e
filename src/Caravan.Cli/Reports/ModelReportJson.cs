using System.Text.Json;
using Caravan.Models;
using Caravan.Text;

namespace Caravan.Cli;

/// <summary>Writes a <see cref="ModelReport"/> as JSON.</summary>
internal static class ModelReportJson
{
    /// <summary>The fields of the document.</summary>
    public static void Write(Utf8JsonWriter document, ModelReport report)
    {
        document.WriteString("path", report.Checkpoint.Path);
        document.WriteString("format", report.Checkpoint.Format);
        document.WriteString("architecture", report.Architecture);
        document.WriteString("family", report.Model?.Family.Name);
        document.WriteString("paper", report.Model?.Family.Paper);
        document.WriteBoolean("supported", report.Problem is null);
        document.WriteString("unsupported_reason", report.Problem);
        document.WriteNumber("parameters", report.Parameters);
        document.WriteNumber("bytes", report.Bytes);
        document.WriteOptional("bits_per_weight", report.BitsPerWeight);
        WriteTypes(document, report);
        WriteStructure(document, report.Model);
        WriteTokenizer(document, report.Tokenizer);
        document.WriteString("tokenizer_problem", report.TokenizerProblem);
        WriteMemory(document, report);
        document.WriteStrings("unread", report.Model?.Unread ?? []);
    }

    private static void WriteTypes(Utf8JsonWriter document, ModelReport report)
    {
        document.WriteStartArray("types");
        foreach (ModelReport.TypeShare share in report.Types)
        {
            document.WriteStartObject();
            document.WriteString("type", share.Name);
            document.WriteNumber("tensors", share.Tensors);
            document.WriteNumber("parameters", share.Parameters);
            document.WriteNumber("bytes", share.Bytes);
            document.WriteBoolean("supported", share.IsSupported);
            document.WriteEndObject();
        }

        document.WriteEndArray();
    }

    private static void WriteStructure(Utf8JsonWriter document, Model? model)
    {
        if (model?.Spec is not { } spec)
        {
            document.WriteNull("model");
            return;
        }

        document.WriteStartObject("model");
        document.WriteString("kind", model.Network.Kind);
        document.WriteNumber("layers", spec.Layers.Length);
        if (spec is DecoderSpec { Encoder: { } encoder }) document.WriteNumber("encoder_layers", encoder.Layers.Length);
        document.WriteNumber("hidden_size", spec.HiddenSize);
        document.WriteNumber("vocabulary_size", spec.VocabularySize);
        document.WriteNumber("context_length", spec.ContextLength);
        document.WriteBoolean("tied_head", spec is DecoderSpec { TiedHead: true });
        foreach (IGrouping<string, (string Key, object? Value)> group in spec.Layers[0].Facts.SelectMany(fact => fact.Fields).GroupBy(ObjectOf))
        {
            if (group.Key.Length > 0) document.WriteStartObject(group.Key);
            foreach ((string key, object? value) in group) WriteField(document, key[(key.IndexOf('.') + 1)..], value);
            if (group.Key.Length > 0) document.WriteEndObject();
        }

        document.WriteEndObject();
    }

    /// <summary>The object that a field belongs to; none without a dot.</summary>
    private static string ObjectOf((string Key, object? Value) field) => field.Key[..Math.Max(0, field.Key.IndexOf('.'))];

    private static void WriteField(Utf8JsonWriter document, string key, object? value)
    {
        switch (value)
        {
            case null: document.WriteNull(key); break;
            case bool flag: document.WriteBoolean(key, flag); break;
            case string text: document.WriteString(key, text); break;
            case int whole: document.WriteNumber(key, whole); break;
            default: document.WriteNumber(key, (double)value); break;
        }
    }

    private static void WriteTokenizer(Utf8JsonWriter document, Tokenizer? tokenizer)
    {
        if (tokenizer is null)
        {
            document.WriteNull("tokenizer");
            return;
        }

        document.WriteStartObject("tokenizer");
        document.WriteString("kind", tokenizer.Kind);
        document.WriteNumber("tokens", tokenizer.VocabularySize);
        document.WriteOptional("bos", tokenizer.BosId);
        document.WriteOptional("eos", tokenizer.EosId);
        document.WriteOptional("unknown", tokenizer.UnknownId);
        document.WriteOptional("padding", tokenizer.PadId);
        document.WriteIntegers("end_of_generation", tokenizer.EndOfGenerationIds.Order());
        document.WriteBoolean("adds_bos", tokenizer.AddsBos);
        document.WriteBoolean("adds_eos", tokenizer.AddsEos);
        document.WriteBoolean("chat_template", tokenizer.ChatTemplate is not null);
        document.WriteStrings("warnings", tokenizer.Warnings);
        document.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter document, ModelReport report)
    {
        if (report.Model is not { } model)
        {
            document.WriteNull("memory");
            return;
        }

        document.WriteStartObject("memory");
        document.WriteNumber("weights_bytes", report.Bytes);
        document.WriteNumber("cache_bytes_per_1024_tokens", report.CacheBytes(1024) ?? 0);
        document.WriteNumber("cache_bytes_at_full_context", report.CacheBytes(model.Spec.ContextLength) ?? 0);
        document.WriteNumber("state_bytes_per_sequence", report.StateBytes);
        document.WriteEndObject();
    }
}
