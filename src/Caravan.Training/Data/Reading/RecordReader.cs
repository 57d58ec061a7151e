namespace Caravan.Training;

/// <summary>Reads the records of one kind of file, one after the other; the file never has to fit into memory.</summary>
internal abstract class RecordReader
{
    /// <summary>The records in their order.</summary>
    /// <param name="stream">The file's bytes; stays the caller's.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="CaravanException">While they are drawn: the file is not of this kind.</exception>
    public abstract IEnumerable<DataRecord> Read(Stream stream, string path);
}
