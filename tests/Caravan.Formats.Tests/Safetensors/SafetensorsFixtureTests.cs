using Caravan.Testing;

namespace Caravan.Formats.Tests;

public class SafetensorsFixtureTests
{
    /// <summary>Every folder below models/, derived/ and real/ that holds a config.json.</summary>
    public static TheoryData<string> ModelFolders()
    {
        TheoryData<string> folders = [];
        foreach (string group in Fixtures.Available ? ["models", "derived", "real"] : Array.Empty<string>())
            foreach (string folder in Directory.EnumerateDirectories(Fixtures.PathOf(group)).Order(StringComparer.Ordinal))
                if (File.Exists(Path.Combine(folder, "config.json"))) folders.Add(Path.GetRelativePath(Fixtures.Root, folder));
        return folders;
    }

    [FixtureTheory]
    [MemberData(nameof(ModelFolders))]
    public void Model_folders_are_read(string folder)
    {
        using Checkpoint checkpoint = CheckpointReader.Open(Fixtures.PathOf(folder));

        Assert.Equal("safetensors", checkpoint.Format);
        Assert.NotEmpty(checkpoint.Tensors);
        Assert.NotEqual("", checkpoint.Config!.Value.GetProperty("model_type").GetString());
        Assert.Null(checkpoint.Metadata);
        long file = new FileInfo(Fixtures.PathOf(folder, "model.safetensors")).Length;
        long header = BitConverter.ToInt64(File.ReadAllBytes(Fixtures.PathOf(folder, "model.safetensors")), 0);
        Assert.Equal(file - 8 - header, checkpoint.Tensors.Values.Sum(tensor => tensor.Data.Length));
        Assert.All(checkpoint.Tensors.Values, tensor => Assert.Equal(tensor.Elements * 4, tensor.Data.Length));
    }

    [FixtureFact]
    public void A_single_file_takes_the_config_beside_it()
    {
        using Checkpoint checkpoint = CheckpointReader.Open(Fixtures.PathOf("real", "stories260K-hf", "model.safetensors"));

        Assert.Equal(64, checkpoint.Config!.Value.GetProperty("hidden_size").GetInt32());
        Assert.Equal("[512, 64]", checkpoint.Tensors["model.embed_tokens.weight"].ShapeText);
    }
}
