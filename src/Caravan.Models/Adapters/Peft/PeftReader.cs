using System.Text.Json;
using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>
/// Reads an adapter in PEFT's layout: a folder with <c>adapter_config.json</c> and <c>adapter_model.safetensors</c> or <c>adapter_model.bin</c>.
/// </summary>
internal sealed class PeftReader : IDisposable
{
    /// <summary>The usual name of the tensors' file, and the older one.</summary>
    public const string WeightsFile = "adapter_model.safetensors", OlderWeightsFile = "adapter_model.bin";

    /// <summary>What stands before the base model's own names.</summary>
    public const string Prefix = "base_model.model.";

    private readonly HashSet<string> taken = new(StringComparer.Ordinal);
    private readonly Checkpoint checkpoint;

    private PeftReader(string folder, Model model, PeftConfig config)
    {
        (Folder, Model, Config) = (folder, model, config);
        checkpoint = CheckpointReader.Open(WeightsOf(folder));
    }

    /// <summary>Where the adapter lies.</summary>
    public string Folder { get; }

    /// <summary>What it is read for.</summary>
    public Model Model { get; }

    /// <summary>What it says of itself.</summary>
    public PeftConfig Config { get; }

    /// <summary>Reads an adapter, which is not attached; the caller disposes it.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="model">The model that it was made for.</param>
    /// <param name="name">What people call it; null for the folder's name.</param>
    /// <exception cref="CaravanException">The files are missing or damaged, or the adapter was made for another model or in a way that is not supported.</exception>
    public static Adapter Read(string folder, Model model, string? name = null)
    {
        string path = Path.Combine(folder, PeftConfig.FileName);
        if (!File.Exists(path)) throw new CaravanException($"'{folder}' is no adapter: it has no {PeftConfig.FileName}; give the folder that PEFT or Caravan wrote.");
        PeftConfig config = new(path);
        PeftForm form = PeftForm.All.FirstOrDefault(form => form.Types.Contains(config.Type)) ?? throw Unknown(config);
        RequireWholeBase(config);
        using PeftReader reader = new(folder, model, config);
        Adapter adapter = new(name ?? NameOf(folder));
        try
        {
            form.Read(reader, adapter);
            reader.RequireAllTaken(adapter);
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>What an adapter in a folder is called unless somebody says otherwise.</summary>
    public static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    /// <summary>Whether the file has a tensor.</summary>
    public bool Has(string name) => checkpoint.Tensors.ContainsKey(name);

    /// <summary>A tensor of the file as F32, which becomes the caller's.</summary>
    /// <exception cref="CaravanException">It is missing, or holds no real numbers.</exception>
    public Tensor Take(string name)
    {
        if (!checkpoint.Tensors.TryGetValue(name, out TensorEntry? entry)) throw new CaravanException($"'{Folder}' has no tensor '{name}'; the adapter is not complete.");
        taken.Add(name);
        Tensor tensor = Tensor.Allocate(new Shape(entry.Shape.AsSpan()), name: name);
        QuantFormats.Of(entry.DType).Decode(entry.Data, tensor.Floats);
        return tensor;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => checkpoint.Dispose();

    /// <summary>The file of an adapter's tensors.</summary>
    /// <exception cref="CaravanException">There is none.</exception>
    public static string WeightsOf(string folder)
    {
        foreach (string name in (string[])[WeightsFile, OlderWeightsFile])
            if (File.Exists(Path.Combine(folder, name))) return Path.Combine(folder, name);
        throw new CaravanException($"'{folder}' has neither {WeightsFile} nor {OlderWeightsFile}; the adapter is not complete.");
    }

    /// <summary>Refuses adapters that want a base model other than the one on disk, or more of it replaced than they adapt.</summary>
    private static void RequireWholeBase(PeftConfig config)
    {
        if (config.Find("modules_to_save") is { } saved)
            throw new CaravanException($"'{config.Path}' replaces whole modules ({saved.GetRawText()}), which is not supported; merge the adapter with PEFT, or train it without modules_to_save.");
        // These keep in the adapter a part of what they took out of the weights.
        string[] changing = ["pissa", "olora", "loftq", "corda"];
        if (config.Find("init_lora_weights") is { ValueKind: JsonValueKind.String } start && changing.Any(known => start.GetString()!.StartsWith(known, StringComparison.OrdinalIgnoreCase)))
            throw new CaravanException($"'{config.Path}' began with {start.GetRawText()}, which changes the base model's weights; let PEFT convert it to a plain LoRA, or merge it there.");
    }

    private void RequireAllTaken(Adapter adapter)
    {
        string[] left = [.. checkpoint.Tensors.Keys.Where(name => !taken.Contains(name))];
        if (left.Length > 0)
        {
            string more = left.Length > 1 ? $" and {left.Length - 1} more tensors" : "";
            throw new CaravanException($"The adapter '{adapter.Name}' has '{left[0]}'{more} for layers that '{Model.Path}' (family {Model.Family.Name}) does not have; it was made for another model.");
        }

        if (taken.Count == 0) throw new CaravanException($"'{Folder}' holds no tensors; the adapter is empty.");
    }

    private static CaravanException Unknown(PeftConfig config)
    {
        string[] known = [.. PeftForm.All.SelectMany(form => form.Types)];
        return new CaravanException($"'{config.Path}' is an adapter of the type {config.Type}; known are {string.Join(", ", known)}.{Suggestion.DidYouMean(config.Type, known)}");
    }
}
