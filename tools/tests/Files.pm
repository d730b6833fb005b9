# Files, for every suite in Perl: all contents are bytes.
package Files;
use strict;
use warnings;
use Exporter 'import';
use File::Find;
use File::Temp 'tempdir';

our @EXPORT = qw(read_file write_file edit all_files temp_folder);

# It goes with the process.
sub temp_folder { return tempdir(CLEANUP => 1) }

sub read_file {
    my ($file) = @_;
    open my $in, '<:raw', $file or die "$file: $!";
    local $/;
    return <$in> // '';
}

# Returns the name.
sub write_file {
    my ($file, $bytes) = @_;
    open my $out, '>:raw', $file or die "$file: $!";
    print $out $bytes;
    close $out or die "$file: $!";
    return $file;
}

# Applies `change` to a file's content in $_; the file is a new one, since the old may have other names.
sub edit {
    my ($file, $change) = @_;
    local $_ = read_file($file);
    $change->();
    unlink $file;
    write_file($file, $_);
}

# Everything at and below these paths, folders too.
sub all_files {
    my @found;
    find({no_chdir => 1, wanted => sub { push @found, $File::Find::name }}, @_);
    return @found;
}

1;
