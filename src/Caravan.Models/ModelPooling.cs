using System.Text.Json;

namespace Caravan.Models;

/// <summary>What a model's files say about how its rows become one vector.</summary>
internal static class ModelPooling
{
    /// <summary>The pooling that sentence-transformers' folder or GGUF metadata name; null where they name none that is known here.</summary>
    /// <exception cref="CaravanException">The file about it is broken.</exception>
    public static Pooling? Find(Model model)
    {
        if (model.Checkpoint.Metadata is { } metadata)
        {
            return metadata.Integer($"{metadata.String("general.architecture")}.pooling_type") switch
            {
                1 => Pooling.Mean,
                2 => Pooling.First,
                3 => Pooling.Last,
                _ => null,
            };
        }

        string file = Path.Combine(model.Path, "1_Pooling", "config.json");
        return File.Exists(file) ? Read(file) : null;
    }

    private static Pooling? Read(string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            bool Says(string key) => document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.True;
            return Says("pooling_mode_cls_token") ? Pooling.First
                : Says("pooling_mode_lasttoken") ? Pooling.Last
                : Says("pooling_mode_mean_tokens") ? Pooling.Mean
                : null;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CaravanException($"'{file}' cannot be read: {exception.Message}", exception);
        }
    }
}
