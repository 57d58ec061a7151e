using System.Text.Json;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>Opens a model folder as <c>save_pretrained</c> writes it: <c>config.json</c> and weights in one file or in shards with an index.</summary>
internal static class HuggingFaceFolder
{
    private const string ConfigName = "config.json";

    /// <summary>Opens one weights file; what it owns is added to the list.</summary>
    private delegate IReadOnlyDictionary<string, TensorEntry> WeightsOpener(string path, List<IDisposable> owned);

    /// <summary>
    /// The weights that are looked for, in this order: file name, format, how it is opened. An index has <c>.index.json</c> behind the name.
    /// </summary>
    private static readonly (string Name, string Format, WeightsOpener Open)[] Weights =
    [
        ("model.safetensors", "safetensors", OpenSafetensors),
        ("pytorch_model.bin", "PyTorch", OpenPyTorch),
    ];

    /// <summary>Opens the folder.</summary>
    /// <exception cref="CaravanException">config.json or the weights are missing or damaged.</exception>
    public static Checkpoint Open(string folder)
    {
        string configPath = Path.Combine(folder, ConfigName);
        if (!File.Exists(configPath)) throw NotAModel(folder, $"has no {ConfigName}");
        JsonElement config = JsonFile.ReadObject(configPath);
        foreach ((string name, string format, WeightsOpener open) in Weights)
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path)) return Open(folder, config, format, owned => (open(path, owned), 1));
            string index = path + ".index.json";
            if (File.Exists(index)) return Open(folder, config, format, owned => ShardIndex.Open(index, shard => open(shard, owned)));
        }

        throw NotAModel(folder, $"has a {ConfigName} and neither {string.Join(" nor ", Weights.Select(weights => $"{weights.Name} (or its index)"))}");
    }

    /// <summary>Opens the configuration of a folder alone, as if there were no weights.</summary>
    /// <exception cref="CaravanException">config.json is missing or damaged.</exception>
    public static Checkpoint OpenConfiguration(string folder)
    {
        string configPath = Path.Combine(folder, ConfigName);
        if (!File.Exists(configPath)) throw NotAModel(folder, $"has no {ConfigName}");
        return new Checkpoint(folder, "a configuration", new Dictionary<string, TensorEntry>(), []) { Config = JsonFile.ReadObject(configPath) };
    }

    /// <summary>The root of the config.json in the folder of a file, or null when there is none.</summary>
    /// <exception cref="CaravanException">It is there and damaged.</exception>
    public static JsonElement? ConfigBeside(string path)
    {
        string config = Path.Combine(Path.GetDirectoryName(path) ?? "", ConfigName);
        return File.Exists(config) ? JsonFile.ReadObject(config) : null;
    }

    private static Checkpoint Open(
        string folder, JsonElement config, string format, Func<List<IDisposable>, (IReadOnlyDictionary<string, TensorEntry> Tensors, int Files)> open)
    {
        List<IDisposable> owned = [];
        try
        {
            (IReadOnlyDictionary<string, TensorEntry> tensors, int files) = open(owned);
            return new Checkpoint(folder, files == 1 ? format : $"{format} ({files} files)", BitsAndBytesTensors.Joined(folder, tensors, owned), owned) { Config = config };
        }
        catch
        {
            foreach (IDisposable item in owned) item.Dispose();
            throw;
        }
    }

    private static OrderedDictionary<string, TensorEntry> OpenSafetensors(string path, List<IDisposable> owned)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        owned.Add(file);
        return file.Tensors;
    }

    private static IReadOnlyDictionary<string, TensorEntry> OpenPyTorch(string path, List<IDisposable> owned)
    {
        MappedFile file = MappedFile.Open(path);
        owned.Add(file);
        return PyTorchReader.ReadTensors(file, owned);
    }

    /// <summary>Says what is wrong with the folder, and points at model files that it does hold.</summary>
    private static CaravanException NotAModel(string folder, string problem)
    {
        string[] files;
        try
        {
            files = [.. Directory.EnumerateFiles(folder)
                .Where(file => Path.GetExtension(file) is ".gguf" or ".safetensors" or ".bin" or ".pt" or ".pth")
                .Select(file => $"'{Path.GetFileName(file)}'")
                .Order(StringComparer.Ordinal)
                .Take(5)];
        }
        catch (Exception exception) when (FileFailure.IsOne(exception))
        {
            return new CaravanException($"The folder '{folder}' cannot be read: {exception.Message}", exception);
        }

        return new CaravanException($"The folder '{folder}' {problem}; " + (files.Length == 0
            ? "give a folder with a downloaded model, or a model file."
            : $"it holds {string.Join(", ", files)}, which can be given as a file."));
    }
}
