using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Formats;

namespace Caravan.Models;

/// <summary>Writes an adapter in PEFT's layout; <see cref="PeftReader"/> and PEFT read it.</summary>
internal static class PeftWriter
{
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a folder, which appears when it is complete.</summary>
    /// <param name="adapter">What was learnt.</param>
    /// <param name="model">The model that it belongs to.</param>
    /// <param name="folder">Where; replaced if it exists.</param>
    /// <param name="baseName">What the configuration calls the model; null for its path.</param>
    /// <exception cref="CaravanException">The layout has no words for it, or the folder cannot be written; nothing is left behind.</exception>
    public static void Write(Adapter adapter, Model model, string folder, string? baseName = null)
    {
        PeftForm[] forms = [.. PeftForm.All.Where(form => form.Holds(adapter))];
        if (forms.Length == 0) throw new CaravanException($"The adapter '{adapter.Name}' has learnt nothing that could be written.");
        if (forms.Length > 1) throw new CaravanException($"The adapter '{adapter.Name}' mixes {forms[0].Types[0]} and {forms[1].Types[0]}, which a file cannot hold; write them apart.");
        PeftDocument document = new();
        document.Config["auto_mapping"] = null;
        document.Config["base_model_name_or_path"] = baseName ?? model.Path;
        document.Config["inference_mode"] = true;
        document.Config["revision"] = null;
        document.Config["task_type"] = model.Network switch { EncoderDecoder => "SEQ_2_SEQ_LM", Decoder or VisionLanguage => "CAUSAL_LM", _ => "FEATURE_EXTRACTION" };
        forms[0].Write(adapter, model, document);
        using AtomicFolder target = AtomicFolder.Create(folder);
        SafetensorsWriter.Write(Path.Combine(target.PartialPath, PeftReader.WeightsFile), document.Tensors);
        byte[] config = JsonSerializer.SerializeToUtf8Bytes(new JsonObject(document.Config), Layout);
        AtomicFile.Write(Path.Combine(target.PartialPath, PeftConfig.FileName), [.. config, (byte)'\n']);
        target.Commit();
    }
}
