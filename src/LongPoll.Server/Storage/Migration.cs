using System.Reflection;

namespace LongPoll.Server.Storage;

/// <summary>One step of the schema: a file under <c>Storage/Migrations</c>. Steps are only ever added, and only ever add, so that nodes of the version before go on.</summary>
internal sealed record Migration(int Number, string Name, string Sql)
{
    /// <summary>The steps of one database, in order.</summary>
    public static IReadOnlyList<Migration> Load(string database)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var prefix = $"{assembly.GetName().Name}.Storage.Migrations.{database}.";
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name => Read(assembly, name, name[prefix.Length..])),
        ];
    }

    private static Migration Read(Assembly assembly, string resource, string file)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return new Migration(int.Parse(file.AsSpan(0, 4), System.Globalization.CultureInfo.InvariantCulture), file, reader.ReadToEnd());
    }
}
